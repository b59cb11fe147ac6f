// The parts of the portal that keep it quick, and say the same in two places.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { normalize } from "meterglot";
import { ONCE, sourceOf } from "./source.mjs";

const { TableHolding, countingOf, select, asking, everyDigit } = await sourceOf(
  "engine/counting.ts",
  "engine/holding.ts",
  "engine/selection.ts",
  "asking.ts",
  "format/number.tsx",
);

test("every_digit_is_written_as_the_person_writes_numbers", () => {
  assert.equal(everyDigit("1234567.00000000000000000000000001"), "1,234,567.00000000000000000000000001");
  assert.deepEqual(["-0.5", "-12", "0"].map(everyDigit), ["-0.5", "-12", "0"]);
});

test("the_records_behind_a_level_are_found_in_time_that_grows_as_their_number", async () => {
  const DAY = 86_400_000;
  const secondsFor = async (days) => {
    const at = (day) => new Date(Date.UTC(1900, 0, 1) + day * DAY).toISOString().replace(".000Z", "Z");
    const table = normalize(
      JSON.stringify(
        Array.from({ length: days }, (_, day) => ({
          AcctNum: 1,
          BucketNum: 1,
          StartTime: at(day),
          EndTime: at(day + 1),
          RawStorageSizeBytes: 5,
          Bucket: "b",
          Region: "r",
        })),
      ),
    );
    const behind = {
      measures: [{ metric: "storage.stored", kind: "gauge", unit: "By", currency: null, what: "quantity" }],
      by: "",
      key: null,
      start: Date.UTC(1900, 0, 2),
      end: Date.UTC(1900, 0, 4),
    };
    const held = [{ reply: 1, holding: new TableHolding(table, [table.format]), bodies: [] }];
    const begun = performance.now();
    const { length } = await select(
      held,
      { behind, provider: "", metric: "", sort: null },
      () => countingOf(held, ONCE),
      () => {},
    );
    const took = performance.now() - begun;
    assert.equal(length, 2);
    table.free();
    return took;
  };
  await secondsFor(1000);
  const [few, many] = [await secondsFor(15_000), await secondsFor(60_000)];
  assert.ok(many < Math.max(10 * few, 300), `${few} ms, then ${many} ms for four times as many`);
});

test("of_requests_that_arrive_meanwhile_only_the_latest_is_sent", async () => {
  const [put, heard] = [[], []];
  const questions = asking(
    (question) => new Promise((answer) => put.push({ question, answer })),
    ({ answer }, overtaken) => heard.push([answer, overtaken]),
    () => false,
  );
  const settle = async (at, answer) => {
    put[at].answer(answer);
    await new Promise((later) => setTimeout(later));
  };
  ["a", "b", "c"].forEach((question) => questions.ask(question));
  assert.deepEqual(
    put.map(({ question }) => question),
    ["a"],
  );
  await settle(0, "A");
  await settle(1, "C");
  assert.deepEqual(
    [put.map(({ question }) => question), heard],
    [
      ["a", "c"],
      [
        ["A", true],
        ["C", false],
      ],
    ],
  );

  questions.ask("d");
  questions.ask("e", true);
  await settle(2, "D");
  await settle(3, "E");
  questions.ask("f");
  questions.drop();
  await settle(4, "F");
  assert.deepEqual(heard.slice(2), [["E", false]], "what was given up is not heard");
});

test("the_dark_theme_stands_twice_and_says_the_same", () => {
  const css = readFileSync(new URL("../../www/portal/src/style/theme.css", import.meta.url), "utf8");
  const [, bySystem] = /:root:not\(\[data-theme\]\) \{(.*?)\}/s.exec(css);
  const [, byChoice] = /:root\[data-theme="dark"\] \{(.*?)\}/s.exec(css);
  const lines = (block) => block.trim().split(/\s*\n\s*/);
  assert.deepEqual(lines(bySystem), lines(byChoice));
  assert.ok(lines(byChoice).length > 20);
});
