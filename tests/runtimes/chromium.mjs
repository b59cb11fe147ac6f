// Every rule in headless Chromium, on a page from loopback, with the package resolved by its `browser` condition.
// usage: node chromium.mjs <path of Chromium> [part of a rule's name]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { bundle, modulePath } from "./bundle.mjs";
import { chosen, report, run } from "./collect.mjs";

const html = { "content-type": "text/html", body: '<!doctype html><script type="module" src="page.js"></script>' };
const wasm = { "content-type": "application/wasm", body: readFileSync(modulePath) };
const script = { "content-type": "text/javascript", body: await bundle("chromium/page.mjs", "browser") };
const policy = (scripts) => ({ "content-security-policy": `default-src 'none'; script-src ${scripts}; connect-src 'self'` });

const files = {
  "/": html,
  "/strict": { ...html, ...policy("'self' 'wasm-unsafe-eval'") },
  "/no-wasm": { ...html, ...policy("'self'") },
  "/page.js": script,
  "/meterglot.wasm": wasm,
  "/wrong-type.wasm": { ...wasm, "content-type": "application/octet-stream" },
  "/not-wasm.wasm": { "content-type": "application/wasm", body: "this is no module" },
};

const server = createServer(({ url }, response) => {
  const { body, ...headers } = files[url] ?? { body: "" };
  response.writeHead(url in files ? 200 : 404, headers).end(body);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** Calls a function of the page, on a fresh page. */
async function onPage(path, name, ...args) {
  const page = await browser.newPage();
  try {
    const problems = [];
    page.on("pageerror", (error) => problems.push(error));
    await page.goto(origin + path, { waitUntil: "load" });
    if (problems.length > 0) {
      throw problems[0];
    }
    return await page.evaluate(([name, args]) => globalThis[name](...args), [name, args]);
  } finally {
    await page.close();
  }
}

const browserRules = [
  [
    "a_browser_awaits_init_once",
    async () => {
      assert.deepEqual(await onPage("/", "loadAndDetect"), { detected: "barracuda.usage-history" });
    },
  ],
  [
    "a_call_before_init_says_what_to_do",
    async () => {
      const error = await onPage("/", "callTooEarly");
      assert.equal(error.code, "invalid-option");
      assert.match(error.message, /init\(\)/);
    },
  ],
  [
    "init_may_be_called_many_times_at_once",
    async () => {
      assert.equal(await onPage("/", "loadManyTimes"), null);
    },
  ],
  [
    "the_bytes_of_the_module_load_at_once",
    async () => {
      assert.equal(await onPage("/", "loadAtOnce"), null);
    },
  ],
  [
    "a_module_served_with_another_media_type_loads",
    async () => {
      assert.deepEqual(await onPage("/", "loadAndDetect", "wrong-type.wasm"), { detected: "barracuda.usage-history" });
    },
  ],
  [
    "a_module_that_is_missing_or_broken_is_an_invalid_option",
    async () => {
      for (const source of ["missing.wasm", "not-wasm.wasm"]) {
        const { name, code } = await onPage("/", "loadAndDetect", source);
        assert.deepEqual({ name, code }, { name: "MeterglotError", code: "invalid-option" });
      }
    },
  ],
  [
    "a_content_security_policy_needs_nothing_but_wasm_unsafe_eval",
    async () => {
      assert.deepEqual(await onPage("/strict", "loadAndDetect"), { detected: "barracuda.usage-history" });
    },
  ],
  [
    "a_content_security_policy_without_it_refuses_with_an_error",
    async () => {
      const { name, code } = await onPage("/no-wasm", "loadAndDetect");
      assert.deepEqual({ name, code }, { name: "MeterglotError", code: "invalid-option" });
    },
  ],
];

try {
  const rules = await onPage("/", "everyRule");
  const own = await run(browserRules.map(([name, keep]) => ({ name: `browser: ${name}`, keep })));
  process.exitCode = report(chosen([...rules, ...own], process.argv[3])) ? 0 : 1;
} finally {
  await browser.close();
  server.close();
}
