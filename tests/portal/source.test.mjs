// Usage from a source, in Chromium: who may ask, what is said when it fails, and what is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKEN } from "../worker/support/stage.mjs";
import * as chromium from "./chromium.mjs";
import { beforeAnEdge, promisesOfSources } from "./edge.mjs";
import { settled } from "./page.mjs";

const EXPIRED = "a-token-of-yesterday";

const edge = beforeAnEdge(chromium, {
  [EXPIRED]: { sources: "*", name: "late", expires: "2020-01-01T00:00:00Z" },
  "a-token-for-wasabi": { sources: ["wasabi"], name: "narrow" },
});

promisesOfSources(edge, chromium);

test("only_the_sources_of_the_token_are_offered", async () => {
  await edge.visit(async (page) => {
    await edge.list(page, "a-token-for-wasabi");
    await page.locator("select[name=source]").waitFor();
    assert.deepEqual(await page.locator("select[name=source]").locator("option").allInnerTexts(), ["wasabi · Wasabi"]);
  });
});

test("a_token_that_is_wrong_or_late_is_refused_in_words", async () => {
  for (const [token, words] of [
    ["nobody-knows-it", /not known.*Check the token/s],
    [EXPIRED, /expired.*new token/s],
  ]) {
    await edge.visit(
      async (page) => {
        await edge.list(page, token);
        assert.match(await page.getByRole("alert").innerText(), words);
      },
      { mayFail: true },
    );
  }
});

test("what_broke_off_is_not_shown_as_if_it_were_whole", async () => {
  await edge.visit(
    async (page) => {
      await edge.list(page, TOKEN);
      edge.world.injectFault("wasabi", { kind: "status", status: 500, times: Infinity });
      try {
        await edge.fetchFrom(page, "wasabi");
        await page.locator(".reply .refusal").waitFor({ timeout: 30_000 });
        assert.match(await page.locator(".reply .refusal").innerText(), /^[A-Z].*[.] [A-Z].*[.]$/s);
        assert.equal(await page.locator("#records").count(), 0);
      } finally {
        edge.world.faults.end();
      }
    },
    { mayFail: true },
  );
});

test("the_token_is_stored_nowhere", async () => {
  await edge.visit(async (page) => {
    await edge.list(page, TOKEN);
    await edge.fetchFrom(page, "wasabi");
    await settled(page);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    assert.ok(!kept.includes(TOKEN));
    assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  });
});
