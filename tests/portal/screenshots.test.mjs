// Pictures of the main views. With PORTAL_SCREENSHOTS=1 they are written to docs/portal, else only taken.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build } from "../../www/portal/local/build.mjs";
import { launch, open } from "./chromium.mjs";
import { settled } from "./page.mjs";
import { serve } from "../../www/portal/local/serve.mjs";

const folder = new URL("../../docs/portal/", import.meta.url);
const LARGEST = 160_000;
const MIX = "?samples=barracuda-usage-history,devicewise-api-history.elided,cloudsigma-daily-burst-usage,wasabi-bucket-daily,onapp-user-statistics-period.xml";
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 375, height: 812 };

const to = (id) => (page) => page.evaluate((id) => document.getElementById(id).scrollIntoView({ behavior: "instant" }), id);

const VIEWS = {
  start: { query: "", viewport: WIDE },
  year: { query: "?samples=made-year&by=resource&window=week", viewport: WIDE },
  "year-dark": { query: "?samples=made-year&by=resource&window=month&measure=transfer.upload~delta~By", viewport: WIDE, colorScheme: "dark" },
  provenance: {
    query: MIX,
    viewport: { width: 1100, height: 760 },
    async act(page) {
      await page.locator("#records .grid-body [role=row]").filter({ hasText: "storage.stored" }).first().click();
      await page.locator("dialog mark").waitFor();
    },
  },
  findings: { query: MIX, viewport: { width: 820, height: 1000 }, act: to("checks") },
  phone: { query: "?samples=made-year&by=region", viewport: PHONE, act: to("totals") },
};

let browser;
let server;

before(async () => {
  build();
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  server?.close();
});

for (const [name, { query, viewport, colorScheme = "light", act }] of Object.entries(VIEWS)) {
  test(`the_view_${name}_is_a_small_picture`, async () => {
    const { page, close } = await open(browser, server.url + query, { viewport, colorScheme, reducedMotion: "reduce" });
    try {
      if (query !== "") {
        await settled(page);
      }
      await act?.(page);
      await page.waitForTimeout(200);
      const picture = await page.screenshot({ type: "png" });
      assert.ok(picture.length > 10_000 && picture.length < LARGEST, `${picture.length} bytes`);
      if (process.env.PORTAL_SCREENSHOTS === "1") {
        mkdirSync(folder, { recursive: true });
        writeFileSync(new URL(`${name}.png`, folder), picture);
      }
    } finally {
      await close();
    }
  });
}
