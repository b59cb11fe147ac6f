// The packed package where nothing bundles it, and in test runners.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXPECTED, node, own, program, project, run, serve } from "./workbench.mjs";

test("node_imports_it", async () => {
  const folder = project("plain", "node");
  assert.equal(await node(["main.js"], folder), EXPECTED);
  assert.match(await node(["inline.js"], folder), /^1073741824 /);
});

const requires = process.features.require_module === true;
test("node_requires_it", { skip: !requires && "this Node cannot require ES modules" }, async () => {
  assert.match(await node(["require.cjs"], project("plain", "node-require")), /^1073741824$/m);
});

test("bun_runs_it", async () => {
  const folder = project("plain", "bun");
  for (const file of ["main.js", "inline.js"]) {
    assert.match(await run(own("bun/bin/bun.exe"), [file], folder), /166 \{call\}|^1073741824 /);
  }
});

test("deno_runs_it_and_inline_reads_no_file", async () => {
  const folder = project("plain", "deno");
  const deno = (...args) => run(own(".bin/deno"), ["run", "--no-lock", "--node-modules-dir=manual", ...args], folder);
  assert.equal(await deno("--allow-read", "main.js"), EXPECTED);
  assert.match(await deno("inline.js"), /^1073741824 /);
});

test("wrangler_runs_it_in_workerd_and_deploys_one_module", async (t) => {
  const folder = project("wrangler");
  const wrangler = program("wrangler/bin/wrangler.js");
  assert.match(await node([wrangler, "deploy", "--dry-run", "--outdir", "out"], folder), /--dry-run: exiting now/);
  const address = await serve(t, [wrangler, "dev", "--ip", "127.0.0.1"], folder);
  assert.equal(await (await fetch(address)).text(), EXPECTED);
});

test("jest_runs_it_as_es_modules", async () => {
  const said = await node([program("jest/bin/jest.js")], project("jest"), { NODE_OPTIONS: "--experimental-vm-modules" });
  assert.match(said, /Tests: +1 passed, 1 total/);
});

test("jest_runs_it_as_commonjs_by_babel", async () => {
  assert.match(await node([program("jest/bin/jest.js")], project("jest-babel")), /Tests: +1 passed, 1 total/);
});

test("vitest_runs_it", async () => {
  assert.match(await node([program("vitest/vitest.mjs"), "run"], project("vitest")), /Tests +1 passed \(1\)/);
});
