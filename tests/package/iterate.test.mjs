// A table is iterated in slices, so that neither a call a record nor all records at once are needed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { normalize } from "meterglot";
import { wasabiDays } from "./fresh.mjs";

test("iterating_gives_every_record_once_and_in_order", () => {
  for (const days of [0, 1, 511, 512, 513, 1500]) {
    const table = normalize(wasabiDays(days));
    assert.deepEqual([...table], table.records(), `${days} days`);
    assert.equal([...table].length, table.length);
  }
});

test("many_records_are_the_same_as_few_at_a_time", () => {
  const table = normalize(wasabiDays(1300));
  const all = table.records();
  assert.equal(all.length, 2600);
  assert.deepEqual(
    all,
    Array.from({ length: 2600 }, (_, index) => table.records(index, index + 1)[0]),
  );
  assert.deepEqual(table.records(7, 2065), all.slice(7, 2065));
  assert.deepEqual(table.records(-1500), all.slice(-1500));
});

test("an_iteration_may_be_left_and_begun_again", () => {
  const table = normalize(wasabiDays(10));
  for (const record of table) {
    assert.equal(record.provider, "wasabi");
    break;
  }
  assert.equal([...table].length, table.length);
});

test("a_record_is_the_callers_own", () => {
  const table = normalize(wasabiDays(1));
  const [first] = table.records();
  first.metric = "mine";
  first.dimensions.mine = "yes";
  assert.notEqual(table.records()[0].metric, "mine");
  assert.deepEqual(table.records()[0].dimensions, {});
});
