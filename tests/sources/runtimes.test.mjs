// The same sources in every runtime: web standards are all they need, and where these differ the answers do not.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { ask } from "./runtimes/ask.mjs";
import { start } from "./world.mjs";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tool = (name) => here(`../../node_modules/.bin/${name}`);

let world;
let asked;
let answers;
before(async () => {
  world = await start();
  asked = { baseUrls: world.baseUrls, configs: world.configs };
  answers = await ask(asked);
});
after(() => world.close());

test("node_gets_what_the_providers_have", () => {
  for (const provider of Object.keys(world.configs)) {
    const { records, table } = answers[provider];
    assert.deepEqual([records, table], [world.expected(provider, { from: "2024-03-08", to: "2024-03-12" }).records, records], provider);
  }
  const whole = answers.wasabi.records;
  const { barracuda, devicewise, cloudsigma, wasabi, wasabiStats, onapp, ...days } = answers;
  assert.deepEqual(Object.values(days), [
    "SourceError foreign-origin",
    whole * world.data.wasabi.accounts.length,
    whole,
    "SourceError rate-limited",
    whole,
    whole,
    whole,
    whole,
    whole,
    "SourceError unauthorized",
    "SourceError upstream-unavailable",
    "incomplete true",
    "aborted true",
  ]);
});

test("deno_gets_the_same", async () => {
  const { stdout } = await run(tool("deno"), [
    "run",
    "--no-lock",
    "--node-modules-dir=manual",
    "--allow-read",
    "--allow-env",
    "--allow-net",
    here("runtimes/print.mjs"),
    JSON.stringify(asked),
  ]);
  assert.deepEqual(JSON.parse(stdout), answers);
});

test("bun_gets_the_same", async () => {
  const { stdout } = await run(tool("bun"), ["run", here("runtimes/print.mjs"), JSON.stringify(asked)]);
  assert.deepEqual(JSON.parse(stdout), answers);
});

describe("workerd", () => {
  let miniflare;
  before(async () => {
    const { outputFiles } = await build({
      entryPoints: [here("runtimes/worker.mjs")],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      platform: "neutral",
      conditions: ["workerd"],
      external: ["*.wasm"],
    });
    miniflare = new Miniflare({
      compatibilityDate: "2026-04-01",
      modules: [
        { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
        { type: "CompiledWasm", path: "meterglot.wasm", contents: readFileSync(fileURLToPath(import.meta.resolve("meterglot/meterglot.wasm"))) },
      ],
    });
  });
  after(() => miniflare.dispose());

  const post = (path, init) => miniflare.dispatchFetch(`http://sources.test${path}`, { method: "POST", body: JSON.stringify(asked), ...init });

  test("workerd_gets_the_same", async () => {
    const response = await post("/");
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.deepEqual(JSON.parse(text), answers);
  });

  test("requests_that_share_a_source_do_not_wait_for_one_that_was_dropped", async () => {
    // The first to come asks for the token, and leaves before it is there.
    const slow = world.injectFault("barracudaTokens", { kind: "slow-headers", ms: 10_000 });
    const leaving = new AbortController();
    const gone = post("/shared", { signal: leaving.signal }).catch(() => "gone");
    while (slow.affected === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const others = Array.from({ length: 5 }, () => post("/shared").then((response) => response.text()));
    leaving.abort();
    assert.equal(await gone, "gone");
    assert.deepEqual(await Promise.all(others), Array(5).fill("60"));
  });
});
