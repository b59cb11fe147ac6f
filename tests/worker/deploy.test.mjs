// What `npm install && npx wrangler deploy` would upload, made by wrangler itself from a copy of the package's worker-template with the packed
// package, and not sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { Miniflare } from "miniflare";
import { digestOf } from "../../www/worker/local/bindings.mjs";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What Cloudflare's free plan takes, compressed. */
const MOST_BYTES = 3 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), "meterglot-worker-"));
const upload = join(folder, "upload");
let said;
before(
  async () => {
    cpSync(here("../../pkg/worker-template"), folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { version } = JSON.parse(readFileSync(here("../../pkg/package.json"), "utf8"));
    assert.equal(manifest.dependencies.meterglot, version);
    await run("npm", ["pack", "--loglevel=error", "--pack-destination", folder], { cwd: here("../../pkg") });
    manifest.dependencies.meterglot = `file:meterglot-${version}.tgz`;
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    // No configuration of the user is read or written: wrangler keeps its files below the home folder.
    const env = { ...process.env, CI: "1", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", XDG_CONFIG_HOME: join(folder, "home") };
    const options = { cwd: folder, env, timeout: 240_000 };
    await run("npm", ["install", "--no-fund", "--no-audit", "--prefer-offline", "--loglevel=error"], options);
    const wrangler = join(folder, "node_modules/wrangler/bin/wrangler.js");
    said = (await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", upload], options)).stdout;
  },
  { timeout: 300_000 },
);
after(() => rmSync(folder, { recursive: true, force: true }));

const modules = () =>
  readdirSync(upload)
    .filter((name) => /\.(js|wasm)$/.test(name))
    .map((name) => ({ name, contents: readFileSync(join(upload, name)) }));

test("what_is_deployed_fits_the_smallest_plan", (t) => {
  assert.match(said, /--dry-run: exiting now/);
  const bytes = modules().reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  t.diagnostic(`figure: the deployed worker: ${Math.round(bytes / 1024)} KiB compressed, of ${MOST_BYTES / 1024} KiB; ${/Total Upload: .*/.exec(said)?.[0]}`);
  assert.ok(bytes > 100_000, "the engine is in it");
  assert.ok(bytes <= MOST_BYTES);
});

test("what_is_deployed_names_no_folder_of_this_machine", () => {
  for (const { name, contents } of modules()) {
    for (const path of [folder, here("../..")]) {
      assert.ok(!contents.includes(path), `${name} holds ${path}`);
    }
  }
});

test("what_is_deployed_runs", async () => {
  const {
    compatibility_date: compatibilityDate,
    compatibility_flags: compatibilityFlags,
    vars,
  } = JSON.parse(readFileSync(join(folder, "wrangler.jsonc"), "utf8").replaceAll(/^\s*\/\/.*$/gm, ""));
  const miniflare = new Miniflare({
    compatibilityDate,
    compatibilityFlags,
    modules: modules()
      .sort((one) => (one.name === "index.js" ? -1 : 1))
      .map(({ name, contents }) => ({ type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule", path: name, contents })),
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
    bindings: { ...vars, METERGLOT_SECRET_WASABI: '{"apiKey":"an-api-key"}', METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } } },
  });
  try {
    const { version } = JSON.parse(readFileSync(here("../../pkg/package.json"), "utf8"));
    const health = await miniflare.dispatchFetch("http://worker.test/healthz");
    assert.deepEqual([health.status, await health.json()], [200, { status: "ok", version }]);
    const sources = await miniflare.dispatchFetch("http://worker.test/v1/sources", { headers: { Authorization: "Bearer t" } });
    assert.deepEqual(await sources.json(), { sources: [{ name: "wasabi", provider: "wasabi" }] });
  } finally {
    await miniflare.dispose();
  }
});
