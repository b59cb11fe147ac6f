// Someone who opens the portal in a browser, and demands that nothing goes wrong behind the scenes.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { build } from "../../www/portal/local/build.mjs";
import { serve } from "../../www/portal/local/serve.mjs";

/** Builds, serves and starts before the tests of a file; `driver` is chromium.mjs or firefox.mjs. Visits start with a query. */
export function visitor(driver) {
  let browser;
  let server;

  before(async () => {
    build();
    [browser, server] = await Promise.all([driver.launch(), serve()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  return async function visit(query, work, options) {
    const { page, problems, close } = await driver.open(browser, server.url + query, options);
    try {
      await work(page);
      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  };
}
