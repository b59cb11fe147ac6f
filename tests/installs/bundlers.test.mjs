// The packed package in real projects of each bundler, as the recipes of docs/BUNDLERS.md have them.
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { EXPECTED, host, node, own, program, project, run, serve } from "./workbench.mjs";

/** Where no Chromium is named, what a browser would show is left out. */
const executablePath = process.env.CHROMIUM;
let browser;
before(async () => {
  browser = executablePath && (await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] }));
});
after(() => browser?.close());

/** What a page shows, once it shows anything, and the addresses it asked for. */
async function shown(address, text = () => document.title) {
  if (!browser) return { title: EXPECTED, asked: [] };
  const page = await browser.newPage();
  const asked = [];
  page.on("response", (response) => asked.push({ url: response.url(), type: response.headers()["content-type"] }));
  try {
    await page.goto(address);
    await page.waitForFunction(text, null, { timeout: 60_000 });
    return { title: await page.evaluate(text), asked };
  } finally {
    await page.close();
  }
}

const bun = own("bun/bin/bun.exe");
const esbuild = program("esbuild/bin/esbuild");

for (const platform of ["node", "browser"]) {
  for (const [format, ending] of [
    ["esm", "mjs"],
    ["cjs", "cjs"],
    ["iife", "cjs"],
  ]) {
    test(`esbuild_bundles_${format}_for_${platform}`, async () => {
      const folder = project("plain", `esbuild-${platform}-${format}`);
      const file = `out/main.${ending}`;
      const said = await run(
        esbuild,
        ["main.js", "--bundle", `--platform=${platform}`, `--format=${format}`, `--outfile=${file}`, "--log-level=warning"],
        folder,
      );
      assert.equal(said, "", "no warning");
      assert.equal(await node([file], folder), EXPECTED);
    });
  }
}

test("an_iife_of_esbuild_works_as_a_classic_script", async (t) => {
  const folder = project("plain", "esbuild-classic");
  await run(esbuild, ["page.js", "--bundle", "--format=iife", "--outfile=page.iife.js", "--log-level=warning"], folder);
  assert.equal((await shown(`${await host(t, folder)}/classic.html`)).title, EXPECTED);
});

test("esbuild_with_conditions_of_its_own_bundles_the_module_for_node_too", async () => {
  const folder = project("plain", "esbuild-conditions");
  await run(
    esbuild,
    ["main.js", "--bundle", "--platform=node", "--conditions=custom", "--format=esm", "--outfile=out/main.mjs", "--log-level=warning"],
    folder,
  );
  assert.equal(await node(["out/main.mjs"], folder), EXPECTED);
});

test("inline_needs_no_init_in_any_format", async () => {
  const folder = project("plain", "esbuild-inline");
  const { version } = JSON.parse(readFileSync(program("meterglot/package.json"), "utf8"));
  for (const [format, ending] of [
    ["esm", "mjs"],
    ["cjs", "cjs"],
    ["iife", "cjs"],
  ]) {
    const file = `out/inline-${format}.${ending}`;
    await run(esbuild, ["inline.js", "--bundle", `--format=${format}`, `--outfile=${file}`, "--log-level=warning"], folder);
    assert.equal(await node([file], folder), `1073741824 ${version}`, format);
  }
});

for (const [target, runtime] of [
  ["browser", process.execPath],
  ["node", process.execPath],
  ["bun", bun],
]) {
  test(`bun_build_bundles_for_${target}`, async () => {
    const folder = project("plain", `bun-${target}`);
    await run(bun, ["build", "main.js", `--target=${target}`, "--outfile=out/main.mjs"], folder);
    assert.equal(await run(runtime, ["out/main.mjs"], folder), EXPECTED);
  });
}

test("rollup_bundles_for_a_browser_and_for_node", async () => {
  const folder = project("rollup");
  await node([program("rollup/dist/bin/rollup"), "--config", "--failAfterWarnings", "--silent"], folder);
  for (const file of readdirSync(join(folder, "dist"))) {
    assert.equal(await node([join("dist", file)], folder), EXPECTED, file);
  }
});

test("webpack_bundles_for_a_browser_and_for_node", async (t) => {
  const folder = project("webpack");
  assert.equal(await node(["build.cjs"], folder), "");
  cpSync(join(folder, "page.js"), join(folder, "main.js"));
  assert.equal(await node(["--eval", "globalThis.document = { set title(text) { console.log(text); } }; require('./dist/server.js')"], folder), EXPECTED);
  assert.equal((await shown(`${await host(t, folder)}/`)).title, EXPECTED);
});

for (const version of [5, 6, 7, 8]) {
  test(`vite_${version}_serves_in_development_and_builds`, async (t) => {
    const folder = project("vite", `vite${version}`);
    const vite = program(`vite${version}/bin/vite.js`);
    const address = await serve(t, [vite, "--host", "127.0.0.1", "--strictPort"], folder);
    assert.equal((await shown(address)).title, EXPECTED, "in development");
    await node([vite, "build", "--logLevel", "error"], folder);
    const { title, asked } = await shown(await host(t, join(folder, "dist")));
    assert.equal(title, EXPECTED, "built");
    assert.ok(asked.every(({ url }) => !url.endsWith(".wasm")));
  });
}

test("the_condition_wasm_file_keeps_the_module_a_file", async (t) => {
  const folder = project("vite", "vite-wasm-file");
  await node([program("vite8/bin/vite.js"), "build", "--logLevel", "error", "--config", "wasm-file.config.js"], folder);
  const assets = readdirSync(join(folder, "dist/assets"));
  assert.ok(assets.some((name) => name.endsWith(".wasm")));
  for (const name of assets.filter((name) => name.endsWith(".js"))) {
    assert.ok(readFileSync(join(folder, "dist/assets", name)).length < 100_000, `${name} holds the module too`);
  }
  const { title, asked } = await shown(await host(t, join(folder, "dist")));
  assert.equal(title, EXPECTED);
  assert.ok(!browser || asked.some(({ url, type }) => url.endsWith(".wasm") && type === "application/wasm"));
});

for (const [bundler, flag] of [
  ["turbopack", "--turbopack"],
  ["webpack", "--webpack"],
]) {
  test(`next_builds_with_${bundler}`, async (t) => {
    const folder = project("next", `next-${bundler}`);
    const next = program("next/dist/bin/next");
    await node([next, "build", flag], folder);
    const address = await serve(t, [next, "start", "--hostname", "127.0.0.1"], folder);
    assert.equal(await (await fetch(`${address}/api/usage`)).text(), EXPECTED, "a route");
    assert.ok((await (await fetch(address)).text()).includes(`<p id="server">${EXPECTED}</p>`), "a server component");
    assert.equal((await shown(address, () => document.querySelector("#client")?.textContent)).title, EXPECTED, "a client component");
  });
}
