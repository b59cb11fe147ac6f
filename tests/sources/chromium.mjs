// The same sources in headless Chromium, on a page whose own server forwards requests to the providers.
// usage: node chromium.mjs <path of Chromium> [part of a test's name]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { chosen, report, run } from "../runtimes/collect.mjs";
import { ask } from "./runtimes/ask.mjs";
import { start } from "./world.mjs";

const world = await start();
const bundle = await build({
  entryPoints: [fileURLToPath(new URL("runtimes/page.mjs", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  conditions: ["browser"],
});
const files = {
  "/": ["text/html", '<!doctype html><script type="module" src="page.js"></script>'],
  "/page.js": ["text/javascript", bundle.outputFiles[0].text],
  "/meterglot.wasm": ["application/wasm", readFileSync(fileURLToPath(import.meta.resolve("meterglot/meterglot.wasm")))],
};

/** `/wasabi/v1/…` goes to Wasabi's `/v1/…`, and what breaks there breaks here. */
const server = createServer((incoming, response) => {
  const file = files[incoming.url];
  if (file !== undefined) {
    response.writeHead(200, { "content-type": file[0] }).end(file[1]);
    return;
  }
  const [, origin, path] = /^\/(\w+)(\/.*)$/.exec(incoming.url) ?? [];
  const base = world.baseUrls[origin];
  if (base === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { host, ...headers } = incoming.headers;
  const outgoing = request(`${base}${path}`, { method: incoming.method, headers }, (reply) => {
    response.writeHead(reply.statusCode, reply.headers);
    pipeline(reply, response, () => {});
  });
  outgoing.on("error", () => response.destroy());
  incoming.pipe(outgoing);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const own = `http://127.0.0.1:${server.address().port}`;
const through = (config, provider) => ({
  ...config,
  baseUrl: `${own}/${provider}`,
  ...(config.tokenUrl === undefined ? {} : { tokenUrl: `${own}/barracudaTokens/oauth2/token` }),
});

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
try {
  const answers = await ask({ baseUrls: world.baseUrls, configs: world.configs });
  const page = await browser.newPage();
  await page.goto(own, { waitUntil: "load" });
  const configs = Object.fromEntries(Object.entries(world.configs).map(([provider, config]) => [provider, through(config, provider)]));
  const inBrowser = await page.evaluate((world) => globalThis.askThem(world), { baseUrls: { control: `${own}/control` }, configs });
  const results = await run(
    Object.entries(answers).map(([question, answer]) => ({
      name: `chromium gets what Node gets: ${question}`,
      // A browser does not show where a redirect leads, so none is followed.
      keep: () => assert.deepEqual(inBrowser[question], question.includes('"redirect"') ? "SourceError foreign-origin" : answer),
    })),
  );
  process.exitCode = report(chosen(results, process.argv[3])) ? 0 : 1;
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
  await world.close();
}
