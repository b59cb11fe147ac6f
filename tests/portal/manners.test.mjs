// Accessibility, in Chromium.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as chromium from "./chromium.mjs";
import { promisesOfManners } from "./manners.mjs";
import { settled } from "./page.mjs";
import { serve } from "../../www/portal/local/serve.mjs";
import { visitor } from "./visitor.mjs";

const visit = visitor(chromium);

promisesOfManners(visit, chromium);

// Only in Chromium can a test set forced colours, or disable scripts.
test("colours_that_say_which_series_are_kept_where_all_others_are_forced", async () => {
  await visit(
    "?samples=made-year&by=resource&window=month&measure=api.calls~delta~{call}",
    async (page) => {
      await settled(page);
      const colours = (css) => page.$$eval(css, (elements) => elements.map((element) => getComputedStyle(element).backgroundColor));
      const legend = await colours(".legend .swatch");
      assert.ok(legend.length > 5);
      assert.equal(new Set(legend).size, legend.length, String(legend));
      const [bar] = await colours(".share .bar");
      const [filled] = await colours(".share .bar > span");
      const [gap] = await colours(".swatch.gap");
      const [canvas] = await colours("#over-time");
      assert.equal(new Set([bar, filled, canvas]).size, 3, `${bar} ${filled} ${canvas}`);
      assert.notEqual(gap, canvas);
    },
    { forcedColors: "active" },
  );
});

test("the_page_has_the_systems_theme_before_its_script_runs", async () => {
  const server = await serve();
  const browser = await chromium.launch();
  try {
    const grounds = {};
    for (const javaScriptEnabled of [true, false]) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ colorScheme, javaScriptEnabled });
        const page = await context.newPage();
        await page.goto(server.url);
        grounds[`${colorScheme} ${javaScriptEnabled}`] = await page
          .locator("body")
          .evaluate((body) => JSON.stringify([...document.styleSheets].length > 0 && getComputedStyle(body).backgroundColor));
        await context.close();
      }
    }
    assert.equal(grounds["dark false"], grounds["dark true"]);
    assert.equal(grounds["light false"], grounds["light true"]);
    assert.notEqual(grounds["dark true"], grounds["light true"]);
  } finally {
    await browser.close();
    server.close();
  }
});
