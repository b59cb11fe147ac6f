// What lives in the engine's memory is freed by free(), by `using`, and by the garbage collector.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Aggregator, aggregate, normalize } from "meterglot";
import { freshPackage, moduleBytes, wasabiDays } from "./fresh.mjs";

const freed = { name: "MeterglotError", code: "invalid-option", message: /freed/ };

test("a_freed_table_answers_every_use_with_an_error", () => {
  const table = normalize(wasabiDays(3));
  const iterator = table[Symbol.iterator]();
  iterator.next();
  assert.equal(table.issues.length, 0);
  table.free();
  const uses = {
    length: () => table.length,
    format: () => table.format,
    issues: () => table.issues,
    page: () => table.page,
    duplicates: () => table.duplicates,
    records: () => table.records(),
    columns: () => table.columns(),
    toNDJSON: () => table.toNDJSON(),
    toCSV: () => table.toCSV(),
    checks: () => table.checks(),
    iterating: () => [...table],
    aggregate: () => aggregate(table),
    "aggregate, in a list": () => aggregate([table]),
    push: () => new Aggregator().push(table),
  };
  for (const [name, use] of Object.entries(uses)) {
    assert.throws(use, freed, name);
  }
});

test("a_freed_aggregator_answers_every_use_with_an_error", () => {
  const aggregator = new Aggregator();
  const state = aggregator.state();
  aggregator.free();
  for (const use of [
    () => aggregator.push([]),
    () => aggregator.push(normalize("[]")),
    () => aggregator.state(),
    () => aggregator.merge(state),
    () => aggregator.finish(),
  ]) {
    assert.throws(use, freed);
  }
});

test("freeing_twice_does_nothing", () => {
  const table = normalize("[]");
  table.free();
  table.free();
  table[Symbol.dispose]();
  const aggregator = new Aggregator();
  aggregator[Symbol.dispose]();
  aggregator.free();
});

test("using_frees_at_the_end_of_the_block", () => {
  // What `using table = normalize(…)` compiles to; this file runs where the syntax is not known yet.
  const table = normalize(wasabiDays(1));
  const aggregator = new Aggregator();
  for (const handle of [aggregator, table]) {
    handle[Symbol.dispose]();
  }
  assert.throws(() => table.length, freed);
  assert.throws(() => aggregator.finish(), freed);
});

test("an_aggregator_keeps_what_it_was_given_after_the_table_is_freed", () => {
  const aggregator = new Aggregator({ where: { metric: ["api.calls"] } });
  const table = normalize(wasabiDays(4));
  aggregator.push(table);
  table.free();
  assert.equal(aggregator.finish()[0].quantity, "6");
});

const MEBIBYTE = 1 << 20;

/** Reads the same body `rounds` times. Returns by how much the engine's memory grew after the first rounds. */
async function growth(t, rounds, keep) {
  const { meterglot, memory } = await freshPackage(t);
  meterglot.initSync(moduleBytes());
  const body = new TextEncoder().encode(wasabiDays(2000));
  const kept = [];
  let before;
  for (let round = 0; round < rounds; round += 1) {
    const table = meterglot.normalize(body);
    if (keep) {
      kept.push(table);
    }
    if (round % 5 === 4) {
      globalThis.gc();
      // The registry calls back in a turn of its own.
      await setTimeout(2);
    }
    if (round === 20) {
      before = await memory();
    }
  }
  const grown = (await memory()) - before;
  kept.forEach((table) => table.free());
  return grown;
}

test("unreferenced_values_are_freed_by_the_garbage_collector", async (t) => {
  const held = await growth(t, 120, true);
  const dropped = await growth(t, 120, false);
  assert.ok(held > 4 * MEBIBYTE, `held tables take memory: ${held} bytes`);
  assert.ok(dropped < MEBIBYTE, `dropped tables do not: ${dropped} bytes`);
});
