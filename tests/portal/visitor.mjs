// Someone who opens the portal in a browser, and demands that nothing goes wrong behind the scenes.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { build } from "../../www/portal/local/build.mjs";
import { serve } from "../../www/portal/local/serve.mjs";

/** Builds, serves and starts before the tests of a file; `driver` is chromium.mjs or firefox.mjs. Visits start with a query. */
export function visitor(driver) {
  const browsers = new Map();
  let server;

  before(async () => {
    build();
    server = await serve();
  });
  after(async () => {
    for (const browser of browsers.values()) {
      await browser.close();
    }
    server?.close();
  });

  return async function visit(query, work, options = {}) {
    const { colorScheme = "light" } = options;
    const browser = browsers.get(colorScheme) ?? (await driver.launch({ colorScheme }));
    browsers.set(colorScheme, browser);
    const { page, problems, close } = await driver.open(browser, server.url + query, options);
    try {
      await work(page);
      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  };
}
