// What runs on this machine by itself: the load test in a short form, and the demo.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { load } from "../../www/worker/local/load.mjs";

const run = promisify(execFile);
const local = (name) => fileURLToPath(new URL(`../../www/worker/local/${name}`, import.meta.url));

test("under_load_every_answer_is_whole", { timeout: 120_000 }, async (t) => {
  const results = await load({ requests: 64 });
  assert.equal(results.length, 5);
  for (const { name, requests, errors, p50, p99, seconds } of results) {
    t.diagnostic(`figure: ${name}: ${Math.round(requests / seconds)} requests/s, p50 ${p50} ms, p99 ${p99} ms`);
    assert.equal(errors, 0, name);
    assert.equal(requests, 64, name);
  }
});

test("the_demo_shows_a_call_through_both_and_ends", { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, [local("demo.mjs")], { env: { ...process.env, NO_COLOR: "1" } });
  assert.match(stdout, /1386 records/);
  assert.match(stdout, /the provider counts 77 rows of 18 figures/);
  assert.match(stdout, /2745 records, complete: true/);
  assert.match(stdout, /listing-changed/);
});
