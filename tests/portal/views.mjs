// The views of the portal, in every browser: which data counts, corrections, sorting, and links to records.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, Listing, normalize } from "meterglot";
import { body, docs, fixture } from "./bodies.mjs";
import { attributeOf, countOf, pressed, recordsOn, settled, textOf, textsOf, until } from "./page.mjs";

const reread = "details.settings [type=submit]";

/** Defines the tests. `visit` is from visitor.mjs, the rest from chromium.mjs or firefox.mjs. */
export function promisesOfViews(visit, { choose, downloaded, fill, pick }) {
  const openSettings = (page) => page.click("details.settings > summary");

  test("what_is_not_counted_is_in_no_figure", async () => {
    await visit("?samples=wasabi-bucket-daily,barracuda-usage-history", async (page) => {
      await settled(page);
      await page.click(".reply:first-child .counted input");
      await page.waitForSelector('#records [aria-rowcount="3"]');
    });
  });

  test("a_wrong_correction_is_refused_in_words_and_can_be_taken_back", async () => {
    await visit("?samples=wasabi-bucket-daily", async (page) => {
      await settled(page);
      await openSettings(page);
      await fill(page, "[name=request-0]", "ftp://example.com/usage");
      await page.click(reread);
      await page.waitForSelector("[role=alert]");
      assert.match(await textOf(page, "[role=alert]"), /request.*Settings/s);
      // The settings stay open, so that the user can correct the invalid value.
      await fill(page, "[name=request-0]", "");
      await page.click(reread);
      await page.waitForSelector("#records [role=grid]");
    });
  });

  test("the_page_says_what_a_request_would_change_and_the_request_changes_it", async () => {
    await visit("?samples=barracuda-usage-history", async (page) => {
      await settled(page);
      assert.match(await textOf(page, ".open"), /resolution/);
      await openSettings(page);
      assert.match(await textOf(page, ".settings .hint"), /account.*resolution.*never fetched/s);
      await fill(page, "[name=request-0]", "https://api.intronis.com/v1/partners/barracuda/usage_history?resolution=DAY");
      await page.click(reread);
      await until(page, `!document.querySelector(".open")?.textContent.includes("instants")`);
    });
  });

  test("detection_can_be_corrected", async () => {
    await visit("", async (page) => {
      await choose(page, body("empty-list.json", Buffer.from("[]")));
      await settled(page);
      assert.equal(await textOf(page, ".detected"), "Unknown format");
      await openSettings(page);
      await pick(page, "select[name=provider]", "onapp");
      await page.click(reread);
      await until(page, `document.querySelector(".detected")?.textContent === "OnApp · user statistics"`);
    });
  });

  test("every_figure_leads_to_as_many_records_as_made_it", async () => {
    const mixes = [
      "made-year&by=resource&table=1&window=month",
      "barracuda-usage-history,wasabi-bucket-daily,onapp-user-statistics-period.xml,cloudsigma-daily-burst-usage",
    ];
    for (const samples of mixes) {
      await visit(`?samples=${samples}`, async (page) => {
        await settled(page);
        const told = await page.$$eval("#breakdown table:has(th.side) tbody tr:has(td.side + td.side + td.side)", (rows) =>
          rows.map((row) => row.querySelector("td:nth-last-child(2)").textContent.replaceAll(",", "")),
        );
        assert.ok(told.length > 3);
        for (let at = 0; at < told.length; at += 3) {
          await page.evaluate(
            (at) =>
              document.querySelectorAll("#breakdown table:has(th.side) tbody tr:has(td.side + td.side + td.side)")[at].querySelector("button.amount").click(),
            at,
          );
          await page.waitForSelector(`#records [aria-rowcount="${Number(told[at]) + 1}"]`);
        }
      });
    }
  });

  test("a_level_of_a_window_leads_to_the_records_that_apply_in_it", async () => {
    const bytes = docs("barracuda-usage-history.json");
    const [, second] = aggregate(normalize(bytes), { window: "day", timeZone: "Europe/Vienna" });
    await visit("?samples=barracuda-usage-history&window=day&zone=Europe/Vienna&table=1", async (page) => {
      await settled(page);
      const cell = "#over-time tbody tr:nth-child(2) button.amount";
      assert.equal(await attributeOf(page, cell, "data-exact"), second.quantity);
      await page.click(cell);
      await page.waitForSelector(`#records [aria-rowcount="${second.records + 1}"]`);
    });
  });

  test("two_replies_of_the_same_usage_are_pointed_out_and_can_be_read_as_one", async () => {
    const bytes = docs("wasabi-bucket-daily.json");
    await visit("", async (page) => {
      await choose(page, body("one.json", bytes), body("again.json", bytes));
      await settled(page);
      assert.match(await textOf(page, ".caution button"), /Read them as one listing/);
      await page.click(".caution button");
      await settled(page);
      const listing = new Listing({ to: "table", onError: "collect" });
      for (const page of [bytes, bytes]) {
        listing.begin();
        listing.push(page);
        listing.end();
      }
      const { duplicates } = listing;
      assert.match(await textOf(page, ".facts"), new RegExp(`${duplicates} read before, dropped`));
      assert.equal(await recordsOn(page), listing.finish().length);
    });
  });

  test("pages_of_one_listing_are_offered_to_be_read_as_one_and_then_their_check_passes", async () => {
    for (const pages of [
      ["barracuda-pages-1", "barracuda-pages-2"],
      ["cloudsigma-daily.page-1", "cloudsigma-daily.page-2"],
    ]) {
      const bytes = pages.map((name) => fixture(`made/${name}.json`));
      await visit("", async (page) => {
        await choose(page, body("first.json", bytes[0]));
        await settled(page);
        assert.equal(await countOf(page, "[data-join]"), 0, "one page alone");
        assert.match(await textOf(page, "#checks .finding.bad"), /bring the others too/);
        // Added in the reverse order, the pages are read in their own order.
        await page.click(".reply-head button");
        await choose(page, body("second.json", bytes[1]), body("first.json", bytes[0]), body("stranger.json", docs("wasabi-bucket-daily.json")));
        await settled(page);
        assert.equal(await countOf(page, "#checks .finding.bad"), 2);
        assert.equal(await countOf(page, "#checks .finding.bad [data-join]"), 2, "where the check fails");
        await page.click(".caution [data-join]");
        await settled(page);
        assert.deepEqual(
          [
            await countOf(page, ".reply"),
            await countOf(page, "[data-join]"),
            await countOf(page, "#checks .finding.bad"),
            await countOf(page, "#checks .finding.good"),
          ],
          [2, 0, 0, 1],
        );
        assert.equal(await recordsOn(page), normalize(bytes).length + normalize(docs("wasabi-bucket-daily.json")).length);
        assert.ok((await textsOf(page, ".reply .name")).includes("first.json + second.json"));
      });
    }
  });

  test("a_check_that_fails_never_shows_two_equal_numbers", async () => {
    const row = {
      user_id: 4,
      currency_code: "USD",
      stat_time: "2012-03-15T06:00:00Z",
      vm_cost: "1000.002",
      user_resources_cost: "0.0",
      total_cost: "1000.0041",
      vm_stats: [],
    };
    await visit("", async (page) => {
      await choose(page, body("row.json", JSON.stringify([{ user_stat: row }])));
      await settled(page);
      assert.match(await textOf(page, "#checks .finding.bad"), /The reply says 1,000\.0041; what was read makes 1,000\.002\./);
    });
  });

  test("a_period_of_one_end_is_refused_in_words", async () => {
    for (const [end, says] of [
      ["start", "begins"],
      ["end", "ends"],
    ]) {
      await visit("?samples=wasabi-bucket-daily", async (page) => {
        await settled(page);
        await openSettings(page);
        await page.$eval(`[name=period-${end}]`, (field) => {
          field.value = "2024-01-01T00:00";
        });
        await page.click(reread);
        await page.waitForSelector(".reply .refusal");
        assert.match(await textOf(page, ".reply .refusal"), new RegExp(`says only when it ${says}\\. Correct it under Settings`));
      });
    }
  });

  test("the_size_of_a_reply_is_reported_exactly", async () => {
    await visit("?samples=wasabi-bucket-daily", async (page) => {
      await settled(page);
      const { length } = docs("wasabi-bucket-daily.json");
      assert.equal(await attributeOf(page, ".reply .facts data", "title"), `exactly ${length} By`);
    });
  });

  test("text_dropped_into_a_field_stays_there_and_a_file_does_not", async () => {
    await visit("", async (page) => {
      await page.click("[aria-controls=bring-paste]");
      const taken = await page.evaluate(() => {
        const drop = (fill) => {
          const data = new DataTransfer();
          fill(data);
          return !document.querySelector("#bring-paste textarea").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        };
        return [
          drop((data) => data.setData("text/plain", "[]")),
          document.querySelectorAll(".reply").length,
          drop((data) => data.items.add(new File(["[]"], "a.json"))),
        ];
      });
      assert.deepEqual(taken, [false, 0, true]);
      await page.waitForSelector(".reply");
      assert.deepEqual(await textsOf(page, ".reply .name"), ["a.json"]);
    });
  });

  test("the_view_is_in_the_address", async () => {
    await visit("?samples=made-year", async (page) => {
      await settled(page);
      const choices = ["api.calls~delta~{call}", "region", "quarter", "America/New_York"];
      for (const [at, choice] of choices.entries()) {
        await pick(page, `.controls .field:nth-child(${at + 1}) select`, choice);
        await settled(page);
      }
      await pick(page, "[data-filter=metric]", "storage.stored");
      await page.click("[data-sort=quantity]");
      await page.click("[data-sort=quantity]");
      await settled(page);
      const seen = async () => [
        await textOf(page, ".legend"),
        await textOf(page, ".list-foot"),
        await attributeOf(page, "#records [role=grid]", "aria-rowcount"),
      ];
      const before = await seen();
      const address = page.url();
      for (const part of [
        "by=region",
        "window=quarter",
        "zone=America/New_York",
        "samples=made-year",
        "measure=api.calls",
        "sort=-quantity",
        "metric=storage.stored",
      ]) {
        assert.ok(decodeURIComponent(address).includes(part), `${address} holds ${part}`);
      }
      await page.goto("about:blank");
      await page.goto(address);
      await settled(page);
      await until(page, `document.querySelector(".list-foot")?.textContent.startsWith("Sorted")`);
      assert.deepEqual(await seen(), before);
    });
  });

  test("samples_not_counted_and_the_number_whose_records_are_listed_are_in_the_address", async () => {
    await visit("?samples=made-year,barracuda-usage-history&by=region&measure=api.calls~delta~{call}&window=quarter&table=1", async (page) => {
      await settled(page);
      await page.click(".reply:nth-child(2) .counted input");
      await settled(page);
      await page.click("#over-time tbody tr:nth-child(2) button.amount");
      await until(page, `document.querySelector("#records-title + .hint")?.textContent.includes("behind")`);
      const seen = async () => [
        await attributeOf(page, "#records [role=grid]", "aria-rowcount"),
        await page.$$eval(".counted input", (boxes) => boxes.map(({ checked }) => checked)),
        await countOf(page, "#breakdown tbody tr"),
      ];
      const before = await seen();
      assert.deepEqual(before[1], [true, false]);
      const address = page.url();
      await page.goto("about:blank");
      await page.goto(address);
      await settled(page);
      await until(page, `document.querySelector("#records-title + .hint")?.textContent.includes("behind api.calls")`);
      assert.deepEqual(await seen(), before);
      assert.equal(await page.evaluate(() => document.activeElement === document.body), true, "a page opened by its address keeps its focus");
      await page.click("#records .section-head button");
      await until(page, `!location.search.includes("behind")`);

      // The address of a number may contain names from the data, so it is written only if all data are samples.
      await page.click("#over-time tbody tr:nth-child(2) button.amount");
      await until(page, `location.search.includes("behind")`);
      await choose(page, body("own.json", docs("cloudsigma-daily-burst-usage.json")));
      await settled(page);
      await until(page, `!location.search.includes("behind")`);
      assert.match(await textOf(page, "#export > .hint"), /what you added yourself is not in it/i);
    });
  });

  test("records_are_sorted_by_the_heads_of_their_columns", async () => {
    const bytes = docs("wasabi-bucket-daily.json");
    const quantities = normalize(bytes)
      .records()
      .map(({ quantity }) => quantity);
    await visit("?samples=wasabi-bucket-daily", async (page) => {
      await settled(page);
      const shown = () => page.$$eval("#records .grid-body .col-quantity data", (cells) => cells.map(({ value }) => value));
      const sorts = () => attributeOf(page, "#records [role=columnheader]:has([data-sort=quantity])", "aria-sort");
      assert.deepEqual([await sorts(), (await shown())[0]], ["none", quantities[0]]);
      await page.focus("[data-sort=quantity]");
      for (const direction of ["ascending", "descending", "none"]) {
        await pressed(page, "Enter");
        await until(page, `document.querySelector("#records [role=columnheader]:has([data-sort=quantity])").ariaSort === "${direction}"`);
        await settled(page);
        assert.equal(await page.evaluate(() => document.activeElement.dataset.sort), "quantity", "the head keeps the focus");
      }
      await page.click("[data-sort=quantity]");
      await settled(page);
      await pick(page, "[data-filter=metric]", "storage.stored");
      await settled(page);
      await until(
        page,
        `document.querySelectorAll("#records .grid-body .col-quantity data").length === ${quantities.filter((_, at) => normalize(bytes).records()[at].metric === "storage.stored").length}`,
      );
      const stored = (await shown()).map(Number);
      assert.deepEqual(
        stored,
        [...stored].sort((a, b) => a - b),
      );
      assert.match(await textOf(page, ".list-foot"), /^Sorted by quantity, ascending\.$/);
    });
  });

  test("unknown_values_come_last_and_say_so", async () => {
    await visit("?samples=onapp-user-statistics-period.xml,wasabi-bucket-daily", async (page) => {
      await settled(page);
      for (const direction of ["ascending", "descending"]) {
        await page.click("[data-sort=quantity]");
        await until(page, `document.querySelector(".list-foot").textContent.includes("${direction}")`);
        assert.match(await textOf(page, ".list-foot"), /\d+ records have no quantity and stand last\./);
        await page.waitForSelector("#row-0 .col-quantity data");
      }
      await page.focus("#records [role=grid]");
      await pressed(page, "End");
      const last = (await recordsOn(page)) - 1;
      await page.waitForSelector(`#row-${last} .col-quantity`);
      assert.match(await page.$eval(`#row-${last} .col-quantity`, (cell) => cell.textContent), /no quantity/);
    });
  });

  test("records_are_listed_by_provider_and_metric", async () => {
    await visit("?samples=wasabi-bucket-daily,barracuda-usage-history", async (page) => {
      await settled(page);
      await pick(page, "[data-filter=provider]", "barracuda");
      await page.waitForSelector('#records [aria-rowcount="3"]');
      await pick(page, "[data-filter=provider]", "wasabi");
      await pick(page, "[data-filter=metric]", "api.calls");
      await page.waitForSelector("#row-0");
      await settled(page);
      await until(page, `[...document.querySelectorAll("#records .grid-body .col-metric")].every((cell) => cell.textContent === "api.calls")`);
      await page.click("#records .section-head button");
      const all = normalize(docs("wasabi-bucket-daily.json")).length + normalize(docs("barracuda-usage-history.json")).length;
      await page.waitForSelector(`#records [aria-rowcount="${all + 1}"]`);
    });
  });

  test("only_the_pages_own_files_are_requested_from_the_network", async () => {
    await visit("", async (page) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await choose(page, body("reply.json", docs("wasabi-bucket-daily.json")));
      await settled(page);
      await downloaded(page, "usage.csv");
      const strangers = asked.filter((url) => !/^(blob|data):/.test(url) && !/\/assets\/[\w.-]+$/.test(url));
      assert.deepEqual(strangers, []);
      assert.match(await textOf(page, "footer"), /Nothing you bring leaves this machine/);
    });
  });

  test("every_value_of_the_table_of_windows_can_be_seen_whole", async () => {
    await visit("?samples=made-year&by=resource&table=1", async (page) => {
      await settled(page);
      const exact = await page.$$eval("#over-time td button.amount", (cells) => cells.slice(0, 20).map((cell) => [cell.dataset.exact, cell.title]));
      assert.equal(exact.length, 20);
      for (const [value, title] of exact) {
        assert.ok(title.includes(value), `${title} says ${value}`);
      }
      assert.ok((await countOf(page, "#over-time thead th")) >= 9 && (await textsOf(page, "#over-time tbody th")).length > 0);
    });
  });
}
