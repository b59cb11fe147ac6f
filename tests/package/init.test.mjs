// Loading the engine: at import where the runtime can, by the caller where it cannot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { freshPackage, moduleBytes } from "./fresh.mjs";

const EMPTY = '{"page":1,"page_size":1,"count":0,"list":[]}';
const invalidOption = { name: "MeterglotError", code: "invalid-option" };

test("node_needs_no_init_and_init_does_nothing_there", async (t) => {
  const { meterglot } = await freshPackage(t, "entry.node.js");
  const table = meterglot.normalize(EMPTY);
  await meterglot.init();
  await meterglot.init(new URL("https://module.invalid/meterglot.wasm"));
  meterglot.initSync(new Uint8Array());
  assert.equal(table.length, 0);
});

test("a_call_before_init_says_what_to_do", async (t) => {
  const { meterglot } = await freshPackage(t);
  assert.throws(() => meterglot.normalize(EMPTY), { ...invalidOption, message: /init\(\)/ });
  assert.throws(() => new meterglot.Aggregator(), invalidOption);
  assert.throws(() => meterglot.normalizeStream({ to: "csv" }), invalidOption);
  assert.throws(() => meterglot.convert("1", "By", "kBy"), invalidOption);
});

test("the_default_entry_says_that_it_must_be_given_the_module", async (t) => {
  const { meterglot } = await freshPackage(t);
  await assert.rejects(meterglot.init(), { ...invalidOption, message: /meterglot\.wasm/ });
});

test("every_kind_of_source_loads", async (t) => {
  const bytes = moduleBytes();
  const sources = {
    bytes,
    "an ArrayBuffer": new Uint8Array(bytes).buffer,
    "a module": new WebAssembly.Module(bytes),
    "a response": new Response(bytes, { headers: { "content-type": "application/wasm" } }),
    "a response of another media type": new Response(bytes),
    "a URL": new URL(`data:application/wasm;base64,${bytes.toString("base64")}`),
  };
  for (const [name, source] of Object.entries(sources)) {
    const { meterglot } = await freshPackage(t);
    await meterglot.init(source);
    assert.equal(meterglot.normalize(EMPTY).length, 0, name);
  }
});

test("the_module_or_its_bytes_load_at_once", async (t) => {
  for (const source of [moduleBytes(), new WebAssembly.Module(moduleBytes())]) {
    const { meterglot } = await freshPackage(t);
    meterglot.initSync(source);
    assert.equal(meterglot.normalize(EMPTY).length, 0);
  }
});

test("what_is_not_the_engine_is_refused_and_can_be_tried_again", async (t) => {
  const { meterglot } = await freshPackage(t);
  const otherModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  for (const source of [Uint8Array.of(1, 2, 3), otherModule, "meterglot.wasm", 7, {}, null]) {
    await assert.rejects(meterglot.init(source), invalidOption);
    assert.throws(() => meterglot.initSync(source), invalidOption);
  }
  await assert.rejects(meterglot.init(new Response("gone", { status: 404 })), ({ code, cause }) => code === "invalid-option" && /404/.test(cause.message));
  await meterglot.init(moduleBytes());
  assert.equal(meterglot.normalize(EMPTY).length, 0);
});
