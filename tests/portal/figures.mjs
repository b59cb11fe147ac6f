// What the portal promises of its figures, in every browser: nothing left out of the totals, every measure charted, and a window that can be kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { body, docs, fixture } from "./bodies.mjs";
import { attributeOf, countOf, pressed, recordsOn, settled, textOf, textsOf, until } from "./page.mjs";

const tiles = (page) =>
  page.$$eval(".tile", (all) => all.map((tile) => [tile.querySelector("dt").textContent, tile.querySelector("[data-exact]").dataset.exact]));
const exact = (page, css) => attributeOf(page, css, "data-exact");

/** Tests them. `visit` is of visitor.mjs, the rest of chromium.mjs or firefox.mjs. */
export function promisesOfFigures(visit, { choose, downloaded, pick }) {
  test("no_cost_that_was_read_is_missing_from_the_totals", async () => {
    const row = (user, costs) => JSON.stringify([{ user_stat: { user_id: user, currency_code: "USD", stat_time: "2012-03-15T06:00:00Z", ...costs } }]);
    const mixes = [
      [
        [fixture("made/onapp-mixed-currencies.xml")],
        [
          ["Cost in EUR", "2"],
          ["Cost in USD", "1"],
          ["Cost, currency unknown", "4"],
        ],
        1,
      ],
      [[fixture("made/onapp-twice-in-json.json")], [["Cost in USD", "96500"]], 2],
      [[row(4, { vm_cost: "10", user_resources_cost: "5", total_cost: "15" }), row(5, { vm_cost: "10" })], [["Cost in USD", "25"]], 2],
    ];
    for (const [bodies, told, records] of mixes) {
      await visit("", async (page) => {
        await choose(page, ...bodies.map((bytes, at) => body(`reply-${at}`, bytes)));
        await settled(page);
        assert.deepEqual((await tiles(page)).sort(), told);
        for (const share of await textsOf(page, "#breakdown .percent")) {
          assert.ok(Number(share.replace("%", "")) <= 100, share);
        }
        await page.click(".tile button.amount");
        await page.waitForSelector(`#records [aria-rowcount="${records + 1}"]`);
      });
    }
  });

  test("samples_that_report_a_metric_in_two_kinds_are_charted_together", async () => {
    await visit("?samples=wasabi-bucket-invoice,wasabi-bucket-daily", async (page) => {
      await settled(page);
      assert.equal(await countOf(page, "#over-time .refusal"), 0);
      await page.waitForSelector(".plot canvas");
      assert.equal(JSON.parse(await downloaded(page, "aggregate.json")).length > 0, true);
    });
  });

  test("a_mean_level_is_reported_in_the_unit_of_a_level", async () => {
    await visit("?samples=wasabi-bucket-invoice&reduce=mean&by=resource", async (page) => {
      await settled(page);
      const { quantity, unit } = aggregate(normalize(docs("wasabi-bucket-invoice.json")), {
        by: ["resource"],
        reduce: { integral: "mean" },
        where: { metric: ["storage.stored"] },
      })[0];
      assert.deepEqual([await exact(page, ".legend button.amount"), await textOf(page, ".chart-unit")], [quantity, "GiB"]);
      assert.match(await attributeOf(page, "#breakdown .scroll:last-child button.amount", "title"), new RegExp(`exactly \\S+ ${unit};`));
    });
  });

  test("hours_over_many_years_are_refused_in_words_by_the_chart_and_taken_away_whole", async () => {
    await visit("?samples=barracuda-usage-history,wasabi-bucket-daily&window=hour", async (page) => {
      await settled(page);
      assert.match(
        await textOf(page, "#over-time .refusal"),
        /windows are more than a chart can show\. Choose a longer window, or add data of a shorter period\./,
      );
      const tables = ["barracuda-usage-history.json", "wasabi-bucket-daily.json"].map((name) => normalize(docs(name), { onError: "collect" }));
      assert.deepEqual(JSON.parse(await downloaded(page, "aggregate.json")), aggregate(tables, { window: "hour", where: { metric: ["storage.stored"] } }));
    });
  });

  test("a_window_that_is_clicked_is_selected_and_leads_to_its_records", async () => {
    await visit("?samples=made-year&by=resource&window=month", async (page) => {
      await settled(page);
      const all = await exact(page, ".legend button.amount");
      await page.waitForSelector(".plot .u-over");
      await page.$eval(".plot", (plot) => plot.scrollIntoView({ block: "center", behavior: "instant" }));
      const { x, y } = await page.$eval(".plot .u-over", (over) => {
        const { left, top, width } = over.getBoundingClientRect();
        return { x: left + width * 0.4, y: top + 40 };
      });
      await page.mouse.move(x, y);
      await page.waitForSelector(".reading");
      await page.mouse.click(x, y);
      await page.waitForSelector("[data-let-go]");
      const [name, value] = [await page.$eval(".reading", (reading) => reading.firstChild.textContent), await exact(page, ".legend button.amount")];
      assert.notEqual(value, all);
      // Away from the plot, over to the number.
      const to = await page.$eval(".legend button.amount", (amount) => {
        const { left, top } = amount.getBoundingClientRect();
        return { x: left + 4, y: top + 4 };
      });
      await page.mouse.move(to.x, to.y, { steps: 8 });
      await new Promise((later) => setTimeout(later, 100));
      assert.equal(await exact(page, ".legend button.amount"), value);
      await page.mouse.click(to.x, to.y);
      await until(
        page,
        `document.querySelector("#records-title")?.textContent.includes(${JSON.stringify(name)}) || document.querySelector("#records .section-head").textContent.includes(${JSON.stringify(name)})`,
      );
      assert.ok((await recordsOn(page)) <= 31);
      await page.click("[data-let-go]");
      await until(page, `document.querySelector(".legend button.amount").dataset.exact === ${JSON.stringify(all)}`);
    });
  });

  test("the_text_around_a_selected_window_is_of_that_window", async () => {
    await visit("?samples=made-year&reduce=max&measure=api.calls~delta~{call}&window=month", async (page) => {
      await settled(page);
      await page.waitForSelector(".plot .u-over");
      assert.match(await textOf(page, ".chart > .hint"), /Over the whole time, largest record of each resource, added: no single window need show as much/);
      const reads = () => page.$eval(".reading", (reading) => reading.firstChild.textContent);
      await page.focus(".plot");
      await pressed(page, "ArrowRight");
      await pressed(page, "Enter");
      await page.waitForSelector("[data-let-go]");
      assert.equal(await countOf(page, ".chart > .hint"), 0, "the figure is that of one window");
      const window = await reads();
      // The same window, as a table: its figure still says when it is of.
      await page.click(".chart-foot button");
      await page.waitForSelector("#over-time table");
      assert.equal(await reads(), window);
      await page.click(".chart-foot button");
      // The chart of another measure: never one with the name or the unit of the other.
      await pick(page, ".controls .field:first-child select", "storage.stored~gauge~By");
      await settled(page);
      assert.match(await textOf(page, ".chart-unit"), /B$/);
      assert.equal(await reads(), window);
      await page.click("[data-let-go]");
      await until(page, `document.querySelector(".reading") === null`);
      assert.equal(await countOf(page, ".chart > .hint"), 0, "some window shows at least the mean of all");
    });
  });

  test("arrow_keys_announce_the_values_and_enter_selects_a_window", async () => {
    await visit("?samples=made-year&by=region&window=month", async (page) => {
      await settled(page);
      await page.waitForSelector(".plot .u-over");
      await page.focus(".plot");
      await pressed(page, "ArrowRight");
      await page.waitForSelector(".reading");
      const live = await page.$eval(".reading[aria-live]", (reading) => reading.textContent);
      const legend = await page.$$eval(".legend li:not(.sum)", (all) =>
        all.map((item) => [item.querySelector(".legend-name").textContent, item.querySelector(".number").textContent, item.querySelector(".unit").textContent]),
      );
      assert.ok(legend.length > 1);
      for (const [name, number, unit] of legend) {
        assert.ok(live.includes(`${name} ${number} ${unit}`), `${live} tells ${name} ${number} ${unit}`);
      }
      await pressed(page, "Enter");
      await page.waitForSelector("[data-let-go]");
      await pressed(page, "Escape");
      await until(page, `document.querySelector("[data-let-go], .reading") === null`);
    });
  });

  test("a_number_that_adds_what_each_resource_had_says_so", async () => {
    await visit("?samples=made-year&measure=api.calls~delta~{call}&reduce=max&window=month", async (page) => {
      await settled(page);
      assert.match(await textOf(page, ".chart-head"), /largest record of each resource, added/);
      assert.match(await textOf(page, ".chart > .hint"), /Over the whole time, largest record of each resource, added/);
      assert.match(await page.$eval(".controls .field:last-child select", (select) => select.selectedOptions[0].text), /of each resource, added/);
    });
    await visit("?samples=made-year&measure=api.calls~delta~{call}&reduce=max&window=month&by=resource", async (page) => {
      await settled(page);
      assert.doesNotMatch(await textOf(page, ".chart-head"), /added/);
    });
  });

  test("what_a_level_was_in_the_end_has_its_exact_value_too", async () => {
    await visit("?samples=made-year", async (page) => {
      await settled(page);
      const [value, title] = await page.$eval(".tile .how data", (last) => [last.value, last.title]);
      assert.equal(title, `exactly ${value} By`);
    });
  });

  test("a_zone_by_another_of_its_names_is_shown_as_it_was_asked_for", async () => {
    await visit("?samples=wasabi-bucket-daily&zone=US/Eastern", async (page) => {
      await settled(page);
      assert.deepEqual(
        await page.$$eval(".controls select", (all) =>
          all.map(({ value, selectedOptions }) => [value, selectedOptions[0]?.text]).find(([value]) => value === "US/Eastern"),
        ),
        ["US/Eastern", "US/Eastern"],
      );
    });
  });
}
