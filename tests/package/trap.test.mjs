// If the engine traps, the next call works.
import assert from "node:assert/strict";
import { test } from "node:test";
import { freshPackage, moduleBytes, wasabiDays } from "./fresh.mjs";
import { PAGES_TO_SPARE, shortOfMemory } from "./short-of-memory.mjs";

const internal = { name: "MeterglotError", code: "internal" };

async function engineShortOfMemory(t) {
  const { meterglot, memory } = await freshPackage(t);
  meterglot.initSync(shortOfMemory(moduleBytes()));
  return { meterglot, memory, tooLarge: " ".repeat((PAGES_TO_SPARE + 1) * 65536) };
}

test("after_a_trap_the_next_call_works", async (t) => {
  const { meterglot, tooLarge } = await engineShortOfMemory(t);
  const before = meterglot.normalize(wasabiDays(3)).records();
  for (let round = 0; round < 3; round += 1) {
    assert.throws(() => meterglot.normalize(tooLarge), internal);
    assert.deepEqual(meterglot.normalize(wasabiDays(3)).records(), before);
  }
});

test("the_trap_itself_is_the_errors_cause", async (t) => {
  const { meterglot, tooLarge } = await engineShortOfMemory(t);
  assert.throws(
    () => meterglot.parse(tooLarge),
    (error) => error.cause instanceof WebAssembly.RuntimeError,
  );
});

test("a_trap_in_any_call_restarts_the_engine", async (t) => {
  const { meterglot, tooLarge } = await engineShortOfMemory(t);
  const calls = {
    parse: () => meterglot.parse(tooLarge),
    nextRequest: () => meterglot.nextRequest(tooLarge, { request: "https://partner.wasabisys.com/v1/utilizations" }),
    convert: () => meterglot.convert(tooLarge, "By", "kBy"),
    merge: () => new meterglot.Aggregator().merge(new TextEncoder().encode(tooLarge)),
  };
  for (const [name, call] of Object.entries(calls)) {
    assert.throws(call, internal, name);
    assert.equal(meterglot.convert("1024", "By", "KiBy"), "1", name);
  }
});

test("the_memory_that_ran_out_is_given_back", async (t) => {
  const { meterglot, memory } = await engineShortOfMemory(t);
  const before = await memory();
  const body = wasabiDays(200);
  const fill = () => {
    for (const held = []; ; ) {
      held.push(meterglot.normalize(body));
    }
  };
  for (let round = 0; round < 3; round += 1) {
    assert.throws(fill, internal);
    assert.equal(await memory(), before);
    assert.equal(meterglot.normalize(body).length, 400);
  }
});

test("values_of_the_lost_memory_report_it_and_harm_nothing", async (t) => {
  const { meterglot, tooLarge } = await engineShortOfMemory(t);
  const table = meterglot.normalize(wasabiDays(3));
  const aggregator = new meterglot.Aggregator();
  assert.throws(() => meterglot.normalize(tooLarge), internal);

  const lost = { ...internal, message: /lost/ };
  assert.throws(() => table.length, lost);
  assert.throws(() => table.records(), lost);
  assert.throws(() => aggregator.finish(), lost);
  assert.throws(() => new meterglot.Aggregator().push(table), lost);
  const after = meterglot.normalize(wasabiDays(2));
  table.free();
  aggregator.free();
  assert.equal(after.records().length, after.length);
  assert.throws(() => table.length, { code: "invalid-option", message: /freed/ });
});

test("an_engines_error_is_no_trap_and_keeps_everything", async (t) => {
  const { meterglot } = await engineShortOfMemory(t);
  const table = meterglot.normalize(wasabiDays(3));
  assert.throws(() => meterglot.normalize("no format"), { code: "unknown-format" });
  assert.ok(table.length > 0);
});

test("a_call_at_the_end_of_the_stack_leaves_a_working_engine", async (t) => {
  const { meterglot } = await freshPackage(t);
  meterglot.initSync(moduleBytes());
  const body = wasabiDays(2);
  const expected = meterglot.normalize(body).records();
  const seen = new Set();
  const dive = () => {
    try {
      dive();
    } catch {
      // Each frame on the way up tries with a little more room.
    }
    if (seen.has("read")) {
      return;
    }
    try {
      meterglot.normalize(body);
      seen.add("read");
    } catch (error) {
      seen.add(error.code ?? error.name);
    }
  };
  dive();
  assert.ok(seen.has("read"));
  assert.ok(seen.size > 1, "the stack did run out");
  assert.deepEqual(meterglot.normalize(body).records(), expected);
});
