// What goes wrong while the page is open, in every browser: a connection that ends in the middle, an engine that runs out of memory.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { normalize } from "meterglot";
import { build } from "../../www/portal/local/build.mjs";
import { dist, serve } from "../../www/portal/local/serve.mjs";
import { PAGES_TO_SPARE, shortOfMemory } from "../package/short-of-memory.mjs";
import { wasabiDays } from "../package/fresh.mjs";
import { body, docs } from "./bodies.mjs";
import { recordsOn, settled, textOf, textsOf } from "./page.mjs";

const recordsIn = (text) => text.trimEnd().split("\n").length;
const summaryOf = (text) => `${JSON.stringify({ complete: true, records: recordsIn(text), duplicates: 0 })}\n`;

/** Records as an edge worker sends them, and then an end that is not one. */
const ENDS = {
  a_proxy_cuts_at_the_end_of_a_line: (response, text) => response.end(text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1)),
  a_proxy_drops_a_line: (response, text) => response.end(`${text.slice(text.indexOf("\n") + 1)}${summaryOf(text)}`),
  only_the_summary_is_missing: (response, text) => response.end(text),
  the_connection_is_lost: (response, text) => response.write(text, () => setTimeout(() => response.destroy(), 50)),
  half_a_line_is_the_last: (response, text) => response.end(text.slice(0, -100)),
};

/** Tests them. `driver` is chromium.mjs or firefox.mjs. */
export function promisesOfTrouble(driver) {
  let browser;
  const folders = [];

  before(async () => {
    browser = await driver.launch();
  });
  after(async () => {
    await browser?.close();
    folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  });

  function folder() {
    folders.push(mkdtempSync(join(tmpdir(), "meterglot-portal-")));
    return folders.at(-1);
  }

  /** Serves a folder, opens it, and closes both. What goes wrong is meant to. */
  async function visit(served, work) {
    const server = await serve(served);
    const { page, close } = await driver.open(browser, server.url);
    try {
      await work(page);
    } finally {
      await close();
      server.close();
    }
  }

  async function fetchAnything(page) {
    await page.click("[aria-controls=bring-source]");
    await driver.fill(page, "#bring-source input[type=password]", "any");
    await page.click("#bring-source form:first-of-type [type=submit]");
    await page.waitForSelector("select[name=source]");
    await page.click("#bring-source form:last-of-type [type=submit]");
  }

  test("an_edge_worker_that_disconnects_in_the_middle_is_distinguished_from_one_that_is_done", async () => {
    const text = Buffer.from(normalize(docs("wasabi-bucket-daily.json")).toNDJSON()).toString();
    const records = recordsIn(text);
    const sent = {
      a_proxy_cuts_at_the_end_of_a_line: records - 1,
      a_proxy_drops_a_line: records - 1,
      only_the_summary_is_missing: records,
      the_connection_is_lost: records,
      half_a_line_is_the_last: records - 1,
    };
    const asked = [];
    let end;
    const worker = createServer((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*").setHeader("Access-Control-Allow-Headers", "authorization");
      if (request.method === "OPTIONS") {
        response.writeHead(204).end();
      } else if (request.url === "/v1/sources") {
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ sources: [{ name: "wasabi", provider: "wasabi" }] }));
      } else {
        asked.push(new URL(request.url, "http://localhost").searchParams.get("summary"));
        end(response.writeHead(200, { "Content-Type": "application/x-ndjson; charset=utf-8" }), text);
      }
    });
    await new Promise((listening) => worker.listen(0, "127.0.0.1", listening));
    const built = folder();
    build({ edge: `http://127.0.0.1:${worker.address().port}`, folder: built });
    try {
      for (const [name, how] of Object.entries(ENDS)) {
        end = how;
        await visit(built, async (page) => {
          await fetchAnything(page);
          await page.waitForSelector(".reply .refusal");
          assert.match(
            await textOf(page, ".reply .refusal"),
            new RegExp(`(broke off|ended before it was complete,) after ${sent[name]} records\\. .*not the whole\\. Try again\\.$`),
            name,
          );
          assert.equal(await page.$("#records"), null, name);
        });
      }
      assert.deepEqual(new Set(asked), new Set(["true"]), "a summary is asked for always");

      end = (response, text) => response.end(text + summaryOf(text));
      await visit(built, async (page) => {
        await fetchAnything(page);
        await settled(page);
        assert.equal(await recordsOn(page), records, "with its summary the same answer is whole");
      });
    } finally {
      worker.close();
    }
  });

  /** A copy of what is built, and how to take a file of it away and put it back. */
  function withoutA(file) {
    build();
    const copy = folder();
    cpSync(dist, copy, { recursive: true });
    const [name] = readdirSync(join(copy, "assets")).filter((name) => file.test(name));
    const [there, away] = [join(copy, "assets", name), join(copy, `${name}.away`)];
    renameSync(there, away);
    return { copy, putBack: () => renameSync(away, there) };
  }

  const refusals = (page) => textsOf(page, ".reply .refusal");

  test("a_sample_that_could_not_be_fetched_is_fetched_when_it_is_read_again", async () => {
    const { copy, putBack } = withoutA(/^wasabi-bucket-daily-.*json$/);
    await visit(copy, async (page) => {
      await page.click('[data-sample="wasabi-bucket-daily"]');
      for (let attempt = 0; attempt < 2; attempt++) {
        await settled(page);
        const [text] = await refusals(page);
        assert.match(text, /^The sample wasabi-bucket-daily\.json could not be fetched: .*404\. Check the network/);
        if (attempt === 1) {
          putBack();
        }
        await page.click(".reply > button");
      }
      await page.waitForSelector("#records [role=grid]");
      assert.equal(await recordsOn(page), normalize(docs("wasabi-bucket-daily.json")).length);
    });
  });

  for (const [what, file] of Object.entries({ worker: /^worker-.*js$/, engine: /wasm$/ })) {
    test(`where_the_${what}_does_not_load_everything_added_is_refused_and_read_once_it_does`, async () => {
      const { copy, putBack } = withoutA(file);
      await visit(copy, async (page) => {
        const days = docs("wasabi-bucket-daily.json");
        await driver.choose(page, body("days.json", days));
        await settled(page);
        await driver.choose(page, body("again.json", docs("cloudsigma-daily-burst-usage.json")));
        await settled(page);
        const told = await refusals(page);
        assert.equal(told.length, 2);
        for (const text of told) {
          assert.match(text, /^The (worker|engine) could not be loaded.*Check the network, and try again\./);
        }
        putBack();
        await page.click(".reply:nth-child(1) > button");
        await page.waitForSelector("#records [role=grid]");
        await settled(page);
        assert.equal(await recordsOn(page), normalize(days).length);
      });
    });
  }

  test("after_the_engine_ran_out_of_memory_the_bodies_are_read_again", async () => {
    build();
    const short = folder();
    cpSync(dist, short, { recursive: true });
    const assets = join(short, "assets");
    const [module] = readdirSync(assets).filter((name) => name.endsWith(".wasm"));
    writeFileSync(join(assets, module), shortOfMemory(readFileSync(join(assets, module))));
    const days = docs("wasabi-bucket-daily.json");

    await visit(short, async (page) => {
      await driver.choose(page, body("days.json", days));
      await settled(page);
      const records = await recordsOn(page);
      assert.equal(records, normalize(days).length);

      // The table of so many days is larger than the memory that is left.
      await driver.choose(page, body("years.json", wasabiDays(PAGES_TO_SPARE * 1000)));
      await page.waitForSelector(".reply .refusal");
      assert.match(await textOf(page, ".reply .refusal"), /[.] [A-Z][^.]*\.$/, "a sentence that ends in what to do");
      await page.click(".reply:nth-child(2) .reply-head button");
      await page.waitForSelector("#shown > p > button");
      assert.equal(await textOf(page, "#shown > p > button"), "Read everything again");
      await page.click("#shown > p > button");
      await settled(page);
      await page.waitForSelector("#records [role=grid]");
      assert.equal(await recordsOn(page), records);
      assert.deepEqual(await driver.downloaded(page, "usage.ndjson"), Buffer.from(normalize(days).toNDJSON()));
    });
  });
}
