// Tests of the portal for every browser. They use only calls that the pages of Playwright and of Puppeteer have in common.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { aggregate, normalize } from "meterglot";
import { body, docs, fixture } from "./bodies.mjs";
import { countOf, recordsOn, settled, textOf, textsOf } from "./page.mjs";

/** Each documented sample: its body, and the kind of reply that must be detected. */
const SAMPLES = {
  "barracuda-usage-history": [docs("barracuda-usage-history.json"), "Barracuda · usage history"],
  "barracuda-usage-history.xml": [docs("barracuda-usage-history.xml"), "Barracuda · usage history"],
  "devicewise-api-history.without-ellipsis": [fixture("made/devicewise-api-history.without-ellipsis.json"), "deviceWISE · API history"],
  "devicewise-api-history.elided": [docs("devicewise-api-history.elided.json"), "deviceWISE · API history"],
  "cloudsigma-daily-burst-usage": [docs("cloudsigma-daily-burst-usage.json"), "CloudSigma · daily burst usage"],
  "cloudsigma-burst-usage.trailing-comma": [docs("cloudsigma-burst-usage.trailing-comma.json"), "CloudSigma · burst usage"],
  "wasabi-bucket-daily": [docs("wasabi-bucket-daily.json"), "Wasabi · bucket days"],
  "wasabi-bucket-daily.date-range": [docs("wasabi-bucket-daily.date-range.json"), "Wasabi · bucket days"],
  "wasabi-bucket-invoice": [docs("wasabi-bucket-invoice.json"), "Wasabi · bucket roll-up of an invoice"],
  "wasabi-bucket-invoice.control-account": [docs("wasabi-bucket-invoice.control-account.json"), "Wasabi · bucket roll-up of an invoice"],
  "onapp-user-statistics-period.xml": [docs("onapp-user-statistics-period.xml"), "OnApp · user statistics"],
  "onapp-user-statistics-hourly.elided.xml": [docs("onapp-user-statistics-hourly.elided.xml"), "OnApp · user statistics"],
};

/** The rows of the breakdown: one for each quantity and each cost. */
const measuresOf = (rows) => rows.flatMap((row) => [row.quantity, row.cost].filter((value) => value !== null));

/** Defines the tests. `visit` is from visitor.mjs, the rest from chromium.mjs or firefox.mjs. */
export function promises(visit, { choose, downloaded, fill }) {
  for (const [id, [bytes, detected]] of Object.entries(SAMPLES)) {
    test(`the_sample_${id}_is_read_as_the_package_reads_it`, async () => {
      await visit("", async (page) => {
        await page.click(`[data-sample="${id}"]`);
        await settled(page);
        const table = normalize(bytes, { onError: "collect" });
        assert.equal(await textOf(page, ".detected"), detected);
        assert.match(await textOf(page, ".facts"), new RegExp(`^${table.length} records?`));
        assert.equal(await countOf(page, "#issues .finding"), table.issues.length);
        assert.equal(await countOf(page, "#checks .finding.bad"), table.checks().filter(({ ok }) => !ok).length);
        assert.equal(await countOf(page, "#checks .finding.good"), table.checks().filter(({ ok }) => ok).length);
        if (table.length > 0) {
          assert.equal(await recordsOn(page), table.length);
          assert.equal(await countOf(page, "#breakdown tbody tr"), measuresOf(aggregate(table)).length);
        }
      });
    });
  }

  test("a_mix_of_five_is_one_view", async () => {
    const files = ["barracuda-usage-history.xml", "cloudsigma-daily-burst-usage.json", "wasabi-bucket-daily.json", "onapp-user-statistics-period.xml"];
    const bodies = [...files.map(docs), fixture("made/devicewise-api-history.without-ellipsis.json")];
    await visit("", async (page) => {
      await choose(page, ...bodies.map((bytes, at) => body(`reply-${at}`, bytes)));
      await settled(page);
      const tables = bodies.map((bytes) => normalize(bytes, { onError: "collect" }));
      assert.equal(
        await recordsOn(page),
        tables.reduce((sum, table) => sum + table.length, 0),
      );
      const exact = Object.fromEntries(
        await page.$$eval("#breakdown tbody tr", (rows) =>
          rows.map((row) => [row.querySelector("th").innerText, row.querySelector("[data-exact]").dataset.exact]),
        ),
      );
      for (const row of aggregate(tables)) {
        assert.equal(exact[row.metric], row.cost !== null && row.quantity !== null ? row.quantity : (row.quantity ?? row.cost), row.metric);
      }
    });
  });

  test("pasted_text_is_read", async () => {
    await visit("", async (page) => {
      await page.click("[aria-controls=bring-paste]");
      await fill(page, "#bring-paste textarea", docs("wasabi-bucket-daily.json").toString());
      await page.click("#bring-paste [type=submit]");
      await settled(page);
      assert.equal(await textOf(page, ".detected"), "Wasabi · bucket days");
    });
  });

  test("what_is_dropped_or_pasted_anywhere_is_read", async () => {
    await visit("", async (page) => {
      const texts = [docs("wasabi-bucket-daily.json"), docs("barracuda-usage-history.xml"), docs("cloudsigma-daily-burst-usage.json")].map(String);
      await page.evaluate(([files, dropped, pasted]) => {
        const transfer = (fill) => {
          const data = new DataTransfer();
          fill(data);
          return data;
        };
        const drop = (data) => document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        drop(transfer((data) => data.items.add(new File([files], "dropped.json"))));
        drop(transfer((data) => data.setData("text/plain", dropped)));
        // Firefox builds the event from `data` and `dataType`, Chromium from `clipboardData`.
        document.body.dispatchEvent(
          new ClipboardEvent("paste", {
            clipboardData: transfer((data) => data.setData("text/plain", pasted)),
            data: pasted,
            dataType: "text/plain",
            bubbles: true,
            cancelable: true,
          }),
        );
      }, texts);
      await page.waitForSelector(".reply:nth-child(3)");
      await settled(page);
      assert.deepEqual(await textsOf(page, ".detected"), ["Wasabi · bucket days", "Barracuda · usage history", "CloudSigma · daily burst usage"]);
    });
  });

  test("the_totals_come_first_with_the_cost_of_each_currency", async () => {
    await visit("?samples=cloudsigma-daily-burst-usage,wasabi-bucket-daily,onapp-user-statistics-period.xml", async (page) => {
      await settled(page);
      assert.equal(await page.$eval("#shown > section", ({ id }) => id), "totals");
      const tiles = Object.fromEntries(
        await page.$$eval(".tile", (tiles) => tiles.map((tile) => [tile.querySelector("dt").innerText, tile.querySelector("[data-exact]").dataset.exact])),
      );
      const tables = [
        normalize(docs("cloudsigma-daily-burst-usage.json"), { currency: "CHF" }),
        normalize(docs("wasabi-bucket-daily.json")),
        normalize(docs("onapp-user-statistics-period.xml")),
      ];
      const of = (metric, what) => aggregate(tables).find((row) => row.metric === metric && row[what] !== null)[what];
      assert.equal(tiles["Cost in CHF"], of("burst.dssd", "cost"));
      assert.equal(tiles["Cost in USD"], of("cost.total", "cost"));
      assert.deepEqual(
        ["Stored, mean", "Uploaded", "Downloaded", "API calls"].map((label) => tiles[label]),
        ["storage.stored", "transfer.upload", "transfer.download", "api.calls"].map((metric) => of(metric, "quantity")),
      );
    });
  });

  test("a_broken_file_keeps_its_valid_rows_and_shows_the_fault", async () => {
    const bytes = docs("cloudsigma-burst-usage.trailing-comma.json");
    await visit("", async (page) => {
      await choose(page, body("broken.json", bytes));
      await settled(page);
      const { issues, length } = normalize(bytes, { onError: "collect" });
      const [{ line, column, offset }] = issues;
      await page.waitForSelector("#issues .finding mark");
      assert.match(await textOf(page, "#issues .finding"), new RegExp(`line ${line}, column ${column}, byte ${offset}`));
      assert.equal(await textOf(page, "#issues .finding mark"), bytes.toString().slice(offset, offset + 1));
      assert.match(await textOf(page, ".facts"), new RegExp(`^${length} records`));
    });
  });

  test("refusals_are_sentences_that_say_what_to_do", async () => {
    const refused = { "hello.txt": "hello", "page.html": fixture("made/onapp-error.html"), "error.json": fixture("made/wasabi-error.json"), "empty.json": "" };
    await visit("", async (page) => {
      await choose(page, ...Object.entries(refused).map(([name, text]) => body(name, text)));
      await settled(page);
      const findings = await textsOf(page, "#issues .finding");
      assert.equal(findings.length, Object.keys(refused).length);
      for (const text of findings) {
        const [verdict] = text.split("\n");
        assert.match(verdict, /^[a-z-]+ [A-Z].*\.$/s, verdict);
        assert.match(text.trimEnd(), /[A-Z][^.]*\.$/, "ends in what to do");
      }
      assert.match(await textOf(page, "#shown"), /have no usage/);
    });
  });

  test("other_bodies_are_described_in_the_engines_words", async () => {
    const bodies = {
      "packed.json.gz": gzipSync(fixture("provider-docs/wasabi-bucket-daily.json")),
      "usage.json": '{"meta":{"limit":0,"offset":0,"total_count":1},"usage":{"balance":"1","cpu":{"using":1}}}',
      "invoice.csv": "Account,Bucket,Cost\n1,b,2\n",
    };
    await visit("", async (page) => {
      await choose(page, ...Object.entries(bodies).map(([name, text]) => body(name, text)));
      await settled(page);
      const verdicts = await textsOf(page, "#issues .verdict");
      const messages = Object.values(bodies).map((text) => normalize(text, { onError: "collect" }).issues[0].message);
      assert.equal(verdicts.length, messages.length);
      messages.forEach((message, at) => assert.ok(verdicts[at].includes(message.slice(1)), `${verdicts[at]} tells ${message}`));
      assert.doesNotMatch((await textsOf(page, "#issues .finding"))[0], /Save the reply as UTF-8/);
    });
  });

  test("a_record_leads_to_its_value_in_the_body", async () => {
    const marks = {
      "wasabi-bucket-daily": "1073741824",
      "barracuda-usage-history.xml": "4368709120",
      "cloudsigma-daily-burst-usage": "309237645312",
      "devicewise-api-history.without-ellipsis": "0",
    };
    for (const [id, mark] of Object.entries(marks)) {
      await visit(`?samples=${id}`, async (page) => {
        await settled(page);
        await page.waitForSelector("#row-0 .col-metric");
        const metrics = await textsOf(page, "#records .grid-body [role=row] .col-metric");
        await page.click(`#row-${Math.max(metrics.indexOf("storage.stored"), 0)}`);
        await page.waitForSelector("dialog mark");
        assert.equal(await textOf(page, "dialog mark"), mark);
      });
    }
  });

  test("exports_are_the_packages_own_bytes", async () => {
    const bytes = docs("wasabi-bucket-daily.json");
    const request = "https://partner.wasabisys.com/v1/accounts/101430/utilizations/buckets/jk";
    const table = normalize(bytes, { request });
    await visit("?samples=wasabi-bucket-daily&by=resource&window=day", async (page) => {
      await settled(page);
      assert.deepEqual(await downloaded(page, "usage.csv"), Buffer.from(table.toCSV()));
      assert.deepEqual(await downloaded(page, "usage.ndjson"), Buffer.from(table.toNDJSON()));
      const spec = { by: ["resource"], window: "day", timeZone: "UTC", weekStart: "monday" };
      assert.deepEqual(JSON.parse(await downloaded(page, "aggregate-all.json")), aggregate(table, spec));
      assert.deepEqual(JSON.parse(await downloaded(page, "aggregate.json")), aggregate(table, { ...spec, where: { metric: ["storage.stored"] } }));
      const csv = (await downloaded(page, "aggregate-all.csv")).toString().split("\r\n");
      assert.equal(csv.length, aggregate(table, spec).length + 2);
    });
  });

  test("the_exports_of_many_replies_are_the_packages_bytes_one_after_another", async () => {
    const bodies = [docs("wasabi-bucket-daily.json"), docs("barracuda-usage-history.xml"), fixture("made/wasabi-formula-bucket.json")];
    await visit("", async (page) => {
      await choose(page, ...bodies.map((bytes, at) => body(`reply-${at}`, bytes)));
      await settled(page);
      const tables = bodies.map((bytes) => normalize(bytes, { onError: "collect" }));
      const csvs = tables.map((table) => Buffer.from(table.toCSV()));
      const headless = csvs.map((csv, at) => (at === 0 ? csv : csv.subarray(csv.indexOf("\r\n") + 2)));
      assert.deepEqual(await downloaded(page, "usage.csv"), Buffer.concat(headless));
      assert.deepEqual(await downloaded(page, "usage.ndjson"), Buffer.concat(tables.map((table) => table.toNDJSON())));
    });
  });

  test("the_picture_is_a_png_of_the_chart", async () => {
    await visit("?samples=made-year&by=resource", async (page) => {
      await settled(page);
      const picture = await downloaded(page, "chart.png");
      assert.equal(picture.subarray(1, 4).toString(), "PNG");
      assert.ok(picture.readUInt32BE(16) > 800, "as wide as the chart");
    });
  });
}
