// Copies www/portal out of this tree and follows the steps of its README, with the package as it is published.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { normalize } from "meterglot";
import { docs } from "./bodies.mjs";
import * as chromium from "./chromium.mjs";
import { recordsOn, settled } from "./page.mjs";
import { serve } from "../../www/portal/local/serve.mjs";

const root = new URL("../../", import.meta.url);
const portal = fileURLToPath(new URL("www/portal", root));
/** The timeout of one step, such as the installation. */
const STEP = 180_000;

/** The commands of the README's first block. */
function stepsOfReadme() {
  const [, block] = /```sh\n(.*?)```/s.exec(readFileSync(join(portal, "README.md"), "utf8"));
  return block
    .trim()
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, ""));
}

test("a_copy_outside_this_tree_installs_builds_and_works_by_its_readme", { timeout: 3 * STEP }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-copy-"));
  const copy = join(folder, "portal");
  // npm exports its configuration for this tree as variables npm_*. The copy must not inherit them.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && name !== "METERGLOT_EDGE"));
  const run = (command, cwd) =>
    execFileSync(command, { cwd, shell: true, stdio: ["ignore", "ignore", "pipe"], timeout: STEP, env: { ...environment, npm_config_prefer_offline: "true" } });
  try {
    cpSync(portal, copy, { recursive: true, filter: (path) => !["dist", "node_modules"].includes(basename(path)) });
    run(`npm pack --loglevel=error --pack-destination "${folder}"`, fileURLToPath(new URL("pkg", root)));
    const steps = stepsOfReadme();
    assert.ok(steps.includes("npm install") && steps.includes("npm run build"), String(steps));
    for (const step of steps) {
      run(step, copy);
    }
    const installed = join(copy, "node_modules/meterglot/package.json");
    assert.ok(existsSync(installed), "the package is installed in the copy, not found above it");

    const [server, browser] = await Promise.all([serve(join(copy, "dist")), chromium.launch()]);
    try {
      const { page, problems } = await chromium.open(browser, server.url);
      await page.click('[data-sample="wasabi-bucket-daily"]');
      await settled(page);
      await page.waitForSelector("#records [role=grid]");
      assert.equal(await recordsOn(page), normalize(docs("wasabi-bucket-daily.json")).length);
      assert.deepEqual(problems, []);
    } finally {
      await browser.close();
      server.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
