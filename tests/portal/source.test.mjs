// Usage from a source: the five providers to test against, the edge worker in workerd before them, and the portal before it.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NOTHING_KEPT, stage, TOKEN } from "../worker/support/stage.mjs";
import { build } from "./build.mjs";
import { launch, open, settled } from "./browser.mjs";
import { serve } from "./server.mjs";

const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
const WEEK = { from: "2024-03-08", to: "2024-03-15" };
const EXPIRED = "a-token-of-yesterday";

let world;
let server;
let browser;

before(async () => {
  server = await serve(folder);
  world = await stage({
    limits: NOTHING_KEPT,
    bindings: { METERGLOT_CORS: [new URL(server.url).origin] },
    tokens: { [EXPIRED]: { sources: "*", name: "late", expires: "2020-01-01T00:00:00Z" }, "a-token-for-wasabi": { sources: ["wasabi"], name: "narrow" } },
  });
  build({ edge: world.worker.url, folder });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await world?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function visit(work, { mayFail = false } = {}) {
  const { page, problems, close } = await open(browser, server.url);
  try {
    await page.getByRole("button", { name: "From a source" }).click();
    await work(page);
    if (!mayFail) {
      assert.deepEqual(problems, []);
    }
  } finally {
    await close();
  }
}

async function list(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "List its sources" }).click();
}

async function fetchFrom(page, source) {
  await page.locator("select[name=source]").selectOption(source);
  await page.getByLabel("From", { exact: true }).fill(WEEK.from);
  await page.getByLabel("To, exclusive").fill(WEEK.to);
  await page.getByRole("button", { name: "Fetch", exact: true }).click();
}

async function downloaded(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`[data-download="${name}"]`).click()]);
  return readFileSync(await download.path());
}

const bytesOf = async (source, accept) => Buffer.from(await (await world.ask(`/v1/usage/${source}`, { query: WEEK, accept })).arrayBuffer());

for (const source of ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"]) {
  test(`${source}_comes_through_the_edge_worker_as_it_gives_it`, async () => {
    await visit(async (page) => {
      await list(page, TOKEN);
      await fetchFrom(page, source);
      await settled(page);
      const ndjson = await bytesOf(source, "application/x-ndjson");
      assert.equal(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"), String(ndjson.toString().split("\n").length));
      assert.deepEqual(await downloaded(page, "usage.ndjson"), ndjson);
      assert.deepEqual(await downloaded(page, "usage.csv"), await bytesOf(source, "text/csv"));
      await page.locator("#row-0").click();
      assert.match(await page.locator("dialog").innerText(), /edge worker read this from page \d+/);
    });
  });
}

test("only_the_sources_of_the_token_are_offered", async () => {
  await visit(async (page) => {
    await list(page, "a-token-for-wasabi");
    await page.locator("select[name=source]").waitFor();
    assert.deepEqual(await page.locator("select[name=source]").locator("option").allInnerTexts(), ["wasabi · Wasabi"]);
  });
});

test("a_token_that_is_wrong_or_late_is_refused_in_words", async () => {
  for (const [token, words] of [["nobody-knows-it", /not known.*Check the token/s], [EXPIRED, /expired.*new token/s]]) {
    await visit(async (page) => {
      await list(page, token);
      assert.match(await page.getByRole("alert").innerText(), words);
    }, { mayFail: true });
  }
});

test("what_broke_off_is_not_shown_as_if_it_were_whole", async () => {
  await visit(async (page) => {
    await list(page, TOKEN);
    world.badDay("wasabi", { kind: "status", status: 500, times: Infinity });
    try {
      await fetchFrom(page, "wasabi");
      await page.locator(".reply .refusal").waitFor({ timeout: 30_000 });
      assert.match(await page.locator(".reply .refusal").innerText(), /^[A-Z].*[.] [A-Z].*[.]$/s);
      assert.equal(await page.locator("#records").count(), 0);
    } finally {
      world.badDays.end();
    }
  }, { mayFail: true });
});

test("the_token_is_kept_nowhere", async () => {
  await visit(async (page) => {
    await list(page, TOKEN);
    await fetchFrom(page, "wasabi");
    await settled(page);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    assert.ok(!kept.includes(TOKEN));
    assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  });
});
