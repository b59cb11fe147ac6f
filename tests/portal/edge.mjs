// The five providers to test against, the edge worker in workerd before them, the portal before it, and someone who fetches.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NOTHING_KEPT, stage, TOKEN } from "../worker/support/stage.mjs";
import { build } from "../../www/portal/local/build.mjs";
import { recordsOn, settled, textOf } from "./page.mjs";
import { serve } from "../../www/portal/local/serve.mjs";

const WEEK = { from: "2024-03-08", to: "2024-03-15" };

/** Starts all of it before the tests of a file; `driver` is chromium.mjs or firefox.mjs, `tokens` are the worker's beside its first. */
export function beforeAnEdge(driver, tokens = {}) {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
  let world;
  let server;
  let browser;

  before(async () => {
    server = await serve(folder);
    world = await stage({ limits: NOTHING_KEPT, bindings: { METERGLOT_CORS: [new URL(server.url).origin] }, tokens });
    build({ edge: world.worker.url, folder });
    browser = await driver.launch();
  });
  after(async () => {
    await browser?.close();
    await world?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    get world() {
      return world;
    },

    /** Opens the form, and demands that nothing goes wrong behind the scenes: an answer that is no answer may be told to the console. */
    async visit(work, { mayFail = false } = {}) {
      const { page, problems, close } = await driver.open(browser, server.url);
      try {
        await page.click("[aria-controls=bring-source]");
        await work(page);
        if (!mayFail) {
          assert.deepEqual(problems, []);
        }
      } finally {
        await close();
      }
    },

    async list(page, token) {
      await page.waitForSelector("#bring-source input[type=password]");
      await driver.fill(page, "#bring-source input[type=password]", token);
      await page.click("#bring-source form:first-of-type [type=submit]");
    },

    async fetchFrom(page, source) {
      await page.waitForSelector("select[name=source]");
      await driver.pick(page, "select[name=source]", source);
      await driver.fill(page, "input[name=from]", WEEK.from);
      await driver.fill(page, "input[name=to]", WEEK.to);
      await page.click("#bring-source form:last-of-type [type=submit]");
    },

    /** What the worker answers to one who asks it directly. */
    bytesOf: async (source, accept) => Buffer.from(await (await world.ask(`/v1/usage/${source}`, { query: WEEK, accept })).arrayBuffer()),
  };
}

/** Tests what is promised of sources in every browser. `edge` is of `beforeAnEdge`. */
export function promisesOfSources(edge, { downloaded }) {
  for (const source of ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"]) {
    test(`${source}_comes_through_the_edge_worker_as_it_gives_it`, async () => {
      await edge.visit(async (page) => {
        await edge.list(page, TOKEN);
        await edge.fetchFrom(page, source);
        await settled(page);
        const ndjson = await edge.bytesOf(source, "application/x-ndjson");
        assert.equal(await recordsOn(page), ndjson.toString().trimEnd().split("\n").length);
        assert.deepEqual(await downloaded(page, "usage.ndjson"), ndjson);
        assert.deepEqual(await downloaded(page, "usage.csv"), await edge.bytesOf(source, "text/csv"));
        await page.click("#row-0");
        await page.waitForSelector("dialog[open]");
        assert.match(await textOf(page, "dialog"), /edge worker read this from page \d+/);
      });
    });
  }
}
