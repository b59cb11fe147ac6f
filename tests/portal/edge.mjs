// Starts the five test providers, the edge worker in workerd that reads them, and the portal that fetches from the worker.
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

/** Starts all of them before the tests of a file; `driver` is chromium.mjs or firefox.mjs, `tokens` are tokens of the worker besides its first. */
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

    /** Opens the form and runs `work`. Fails if the page reported problems, unless `mayFail`: browsers log failed requests to the console. */
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

    async fetchFrom(page, source, { from, to } = WEEK) {
      await page.waitForSelector("select[name=source]");
      await driver.pick(page, "select[name=source]", source);
      await driver.fill(page, "input[name=from]", from);
      await driver.fill(page, "input[name=to]", to);
      await page.click("#bring-source form:last-of-type [type=submit]");
    },

    /** What the worker answers to one who asks it directly. */
    bytesOf: async (source, accept) => Buffer.from(await (await world.ask(`/v1/usage/${source}`, { query: WEEK, accept })).arrayBuffer()),
  };
}

/** Tests the portal's sources; run in every browser. `edge` is the result of `beforeAnEdge`. */
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

  test("an_answer_that_breaks_off_in_the_middle_is_not_shown_as_if_it_were_whole", async () => {
    const months = { from: "2024-01-01", to: "2024-04-01" };
    const day = { kind: "status", status: 500, after: 1, times: Infinity };
    try {
      edge.world.injectFault("wasabi", day);
      const answer = await edge.world.ask("/v1/usage/wasabi", { query: months, accept: "application/x-ndjson" });
      const lines = (await answer.text()).trimEnd().split("\n");
      assert.ok(answer.status === 200 && lines.length > 1000, "it broke off after records had been sent");
      const { problem } = JSON.parse(lines.at(-1));
      edge.world.faults.end();

      edge.world.injectFault("wasabi", day);
      await edge.visit(async (page) => {
        await edge.list(page, TOKEN);
        await edge.fetchFrom(page, "wasabi", months);
        await page.waitForSelector(".reply .refusal");
        const told = await textOf(page, ".reply .refusal");
        assert.ok(told.includes(problem.detail), told);
        assert.match(told, /[.] [A-Z][^.]*\.$/, "ends in what to do");
        assert.equal(await page.$("#records"), null);
      });
    } finally {
      edge.world.faults.end();
    }
  });
}
