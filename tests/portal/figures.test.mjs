// The information that the portal shows with its figures, in Chromium.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as chromium from "./chromium.mjs";
import { promisesOfFigures } from "./figures.mjs";
import { attributeOf, settled } from "./page.mjs";
import { visitor } from "./visitor.mjs";

const visit = visitor(chromium);

promisesOfFigures(visit, chromium);

// Puppeteer cannot send touch events to Firefox.
test("a_window_that_is_tapped_is_selected", async () => {
  await visit(
    "?samples=made-year&window=month",
    async (page) => {
      await settled(page);
      const all = await attributeOf(page, ".legend button.amount", "data-exact");
      await page.tap(".plot .u-over");
      await page.waitForSelector("[data-let-go]");
      assert.notEqual(await attributeOf(page, ".legend button.amount", "data-exact"), all);
      await page.tap(".legend button.amount");
      await page.waitForFunction(() => Number(document.querySelector("#records [role=grid]").getAttribute("aria-rowcount")) < 1000);
    },
    { hasTouch: true, viewport: { width: 375, height: 800 } },
  );
});
