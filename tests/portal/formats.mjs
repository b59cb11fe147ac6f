// Formats of a person's own in the portal, in every browser: a descriptor, and replies that are read with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineFormat, normalize } from "meterglot";
import { body, docs } from "./bodies.mjs";
import { countOf, recordsOn, settled, textOf, textsOf, until } from "./page.mjs";

const ACME = {
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Acme usage",
  detect: [{ row: { has: ["resource", "bytes"] } }],
  rows: [{ at: "/items/*" }],
  account: "a-7",
  resource: { id: { field: "resource" } },
  period: { start: { field: "day", zone: "UTC" }, step: "P1D" },
  metrics: { bytes: { metric: "acme.bytes", kind: "delta", unit: "By" } },
};
const TEXT = JSON.stringify(ACME, null, 2);
const REPLY = JSON.stringify({ items: [1, 2, 3].map((day) => ({ resource: "vol-1", day: `2026-01-0${day}`, bytes: 100 * day })) });

const descriptor = (more = {}) => body("acme.json", JSON.stringify({ ...ACME, ...more }));
const reply = body("usage.json", REPLY);

/** Defines the tests. `visit` is from visitor.mjs, the rest from chromium.mjs or firefox.mjs. */
export function promisesOfFormats(visit, { choose, downloaded, fill, pick }) {
  const detected = (page, text) => until(page, `document.querySelector(".detected")?.textContent === ${JSON.stringify(text)}`);

  test("replies_are_read_with_a_descriptor_that_was_brought_before_them", async () => {
    await visit("", async (page) => {
      await choose(page, descriptor());
      await page.waitForSelector('.format[data-format="acme.usage"]');
      assert.match(await textOf(page, ".format"), /^Acme usage\s+Remove\s+Acme usage\s+acme\.usage · acme\.json$/);
      assert.match(await textOf(page, "[role=status]"), /^Acme usage: replies of this format are read now\.$/);
      assert.equal(await countOf(page, ".reply"), 0);
      await choose(page, reply);
      await settled(page);
      await detected(page, "acme · Acme usage");
      assert.equal(await recordsOn(page), 3);
      const table = normalize(REPLY, { format: defineFormat(TEXT) });
      assert.deepEqual(await downloaded(page, "usage.ndjson"), Buffer.from(table.toNDJSON()));
      table.free();
      // The names of the format are the person's own.
      assert.ok(!(await page.evaluate("location.search")).includes("acme"));
    });
  });

  test("replies_that_were_not_recognised_are_read_with_a_descriptor_that_comes_later", async () => {
    await visit("", async (page) => {
      await choose(page, reply, body("days.json", docs("wasabi-bucket-daily.json")));
      await settled(page);
      assert.deepEqual((await textsOf(page, ".detected"))[0], "Unknown format");
      await choose(page, descriptor());
      await detected(page, "acme · Acme usage");
      await settled(page);
      assert.deepEqual(await textsOf(page, ".detected"), ["acme · Acme usage", "Wasabi · bucket days"]);
      assert.equal(await countOf(page, "#issues .finding"), 0);
    });
  });

  test("a_descriptor_and_replies_may_come_together_in_any_order", async () => {
    for (const files of [
      [descriptor(), reply],
      [reply, descriptor()],
    ]) {
      await visit("", async (page) => {
        await choose(page, ...files);
        await detected(page, "acme · Acme usage");
        assert.equal(await countOf(page, ".reply"), 1);
      });
    }
  });

  test("a_format_can_be_removed_and_replaced", async () => {
    await visit("", async (page) => {
      await choose(page, descriptor(), reply);
      await detected(page, "acme · Acme usage");
      await choose(page, descriptor({ title: "Acme traffic" }));
      await detected(page, "acme · Acme traffic");
      assert.equal(await countOf(page, ".format"), 1);
      await page.click(".format button");
      await detected(page, "Unknown format");
      assert.equal(await countOf(page, ".format"), 0);
      assert.match(await textOf(page, ".reply"), /1 issue/);
    });
  });

  test("the_problems_of_a_descriptor_are_shown_with_pointer_and_line", async () => {
    await visit("", async (page) => {
      const text = TEXT.replace('"delta"', '"flow"').replace('"By"', '"GB"');
      await choose(page, body("acme.json", text));
      await page.waitForSelector(".format .finding");
      assert.match(await textOf(page, ".format [role=alert]"), /^This descriptor has 2 problems\. Correct it, and bring it again\.$/);
      const line = (word) => text.split("\n").findIndex((line) => line.includes(word)) + 1;
      const [kind, unit] = await textsOf(page, ".format .finding");
      assert.match(kind, new RegExp(`^Expected "delta", "gauge" or "integral", found "flow"\\.\\s+line ${line("flow")}, column 15 /metrics/bytes/kind$`));
      assert.match(unit, new RegExp(`found "GB": did you mean .*\\s+line ${line("GB")}, column 15 /metrics/bytes/unit$`));
      // What is no JSON is a descriptor all the same, if it begins like one.
      await choose(page, body("draft.json", TEXT.slice(0, -5)));
      await page.waitForSelector(".format:nth-child(2) .finding");
      assert.match(await textOf(page, ".format:nth-child(2) .finding"), /line \d+, column \d+/);
      // Corrected, it takes the place of its draft.
      await choose(page, body("acme.json", TEXT));
      await page.waitForSelector('.format[data-format="acme.usage"]');
      assert.equal(await countOf(page, ".format"), 2);
    });
  });

  test("a_pasted_descriptor_is_a_format_and_its_provider_can_be_chosen", async () => {
    await visit("", async (page) => {
      await page.click("[aria-controls=bring-paste]");
      await fill(page, "#bring-paste textarea", JSON.stringify({ ...ACME, detect: [{ named: true, row: { has: "bytes" } }] }));
      await page.click("#bring-paste [type=submit]");
      await page.waitForSelector(".format");
      await choose(page, reply);
      await settled(page);
      await detected(page, "Unknown format");
      await page.click("details.settings > summary");
      await pick(page, "select[name=provider]", "acme");
      await page.click("details.settings [type=submit]");
      await detected(page, "acme · Acme usage");
    });
  });
}
