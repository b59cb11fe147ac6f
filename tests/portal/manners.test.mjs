// Manners: readers of the screen, keyboards, narrow windows, and a main thread that never makes anyone wait.
import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import * as chromium from "./chromium.mjs";
import { settled } from "./page.mjs";
import { visitor } from "./visitor.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const MIX = "?samples=barracuda-usage-history,devicewise-api-history.elided,cloudsigma-daily-burst-usage,wasabi-bucket-daily,onapp-user-statistics-period.xml";
const WIDTHS = [375, 820, 1440];
const LONGEST_TASK = 200;

const opened = visitor(chromium);
const visit = (query, options, work) => opened(query, work, options);

/** What axe-core finds that keeps someone from using the page. The policy forbids its script in the page, so the test injects it past the policy. */
async function faults(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe_core_finds_nothing_serious_in_the_${colorScheme}_theme`, async () => {
    for (const width of WIDTHS) {
      const options = { colorScheme, bypassCSP: true, viewport: { width, height: 900 } };
      await visit("", options, async (page) => {
        assert.deepEqual(await faults(page), [], `empty, ${width}`);
        await page.getByRole("button", { name: "From a source" }).click();
        assert.deepEqual(await faults(page), [], `source, ${width}`);
      });
      for (const more of ["&by=provider", "&table=1&measure=api.calls~delta~{call}"]) {
        await visit(MIX + more, options, async (page) => {
          await settled(page);
          await page.locator("#issues mark").first().waitFor();
          await page.locator(".settings > summary").first().click();
          assert.deepEqual(await faults(page), [], `${more}, ${width}`);
        });
      }
      await visit(MIX, options, async (page) => {
        await settled(page);
        await page.locator("#row-0").click();
        await page.locator("dialog mark").waitFor();
        assert.deepEqual(await faults(page), [], `record, ${width}`);
      });
    }
  });
}

test("no_width_needs_scrolling_sideways", async () => {
  for (const width of [320, ...WIDTHS, 1600]) {
    for (const query of ["", MIX, "?samples=made-year&by=resource"]) {
      await visit(query, { viewport: { width, height: 800 } }, async (page) => {
        if (query !== "") {
          await settled(page);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wide, 0, `${query} at ${width}`);
      });
    }
  }
});

test("everything_is_reached_by_keyboard", async () => {
  await visit("", {}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the figures");
    await page.locator('[data-sample="wasabi-bucket-daily"]').focus();
    await page.keyboard.press("Enter");
    await settled(page);

    await page.locator("#records [role=grid]").focus();
    await page.keyboard.press("End");
    const last = await page.locator("#records [role=grid]").getAttribute("aria-activedescendant");
    const rows = Number(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"));
    assert.equal(last, `row-${rows - 2}`);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open] mark").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" }).catch(() => {});
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "grid");

    await page.locator(".plot").focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await page.locator(".reading").innerText(), /26 Dec 2019/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".reading").count(), 0);
  });
});

test("what_happens_is_said_to_those_who_listen", async () => {
  await visit("?samples=devicewise-api-history.elided", {}, async (page) => {
    await settled(page);
    await page.getByRole("status").filter({ hasText: /records read, 1 issue/ }).waitFor({ state: "attached" });
  });
});

test("the_theme_is_the_systems_until_one_is_chosen_and_then_stays", async () => {
  await visit("", { colorScheme: "dark" }, async (page) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), "dark");
    await page.getByRole("button", { name: "Light theme" }).click();
    assert.equal(await theme(), "light");
    await page.reload();
    assert.equal(await theme(), "light");
  });
});

/** Days of buckets as Wasabi tells them, as long as is asked for, never held as a whole. */
function* wasabiRows(bytes) {
  let written = 0;
  let first = true;
  for (let row = 0; written < bytes; row++) {
    const day = Date.UTC(2020, 0, 1) + Math.floor(row / 200) * 86_400_000;
    const bucket = 18_000 + (row % 200);
    const iso = (time) => new Date(time).toISOString().replace(".000Z", "Z");
    const text = `${first ? "[" : ","}\n${JSON.stringify({
      BucketUtilizationNum: row, AcctNum: 7363, AcctPlanNum: 0, BucketNum: bucket, StartTime: iso(day), EndTime: iso(day + 86_400_000), CreateTime: iso(day + 121_253_000),
      NumBillableObjects: row % 977, NumBillableDeletedObjects: 0, RawStorageSizeBytes: 1_073_741_824 + row, PaddedStorageSizeBytes: 1_073_741_824, MetadataStorageSizeBytes: 48,
      DeletedStorageSizeBytes: 0, OrphanedStorageSizeBytes: 0, NumAPICalls: row % 100, UploadBytes: 639_151_673, DownloadBytes: 72_016, StorageWroteBytes: 636_826_739, StorageReadBytes: 0,
      NumGETCalls: 0, NumPUTCalls: 0, NumDELETECalls: 0, NumLISTCalls: 0, NumHEADCalls: 0, DeleteBytes: 0, Bucket: `bucket-${bucket}`, Region: "us-east-1",
    })}`;
    first = false;
    written += text.length;
    yield text;
  }
  yield "\n]\n";
}

/** Reads a large file, goes all through it, and gives the longest task of the main thread. */
async function longestTaskWith(file) {
  let longest = 0;
  await visit("", {}, async (page) => {
    // Tasks before this are of loading the page.
    await page.evaluate(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    });
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.locator("progress[max]").waitFor();
    await page.waitForFunction(() => document.querySelector("#records [role=grid]") !== null, undefined, { timeout: 200_000 });
    await settled(page);
    const rows = Number(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"));
    assert.ok(rows > 1_800_000, `${rows} rows`);

    // Through the table from end to end, then to a record at its end and its place in the file.
    const grid = page.locator("#records [role=grid]");
    await grid.evaluate(async (element) => {
      for (let part = 0; part <= 40; part++) {
        element.scrollTop = (element.scrollHeight * part) / 40;
        await new Promise(requestAnimationFrame);
      }
    });
    await grid.focus();
    await page.keyboard.press("End");
    await page.locator(`#row-${rows - 2} .col-metric`).waitFor({ timeout: 30_000 });
    await page.keyboard.press("Enter");
    await page.locator("dialog mark").waitFor({ timeout: 60_000 });
    assert.equal(await page.locator("dialog mark").innerText(), "0");
    await page.keyboard.press("Escape");

    await page.locator(".controls").getByLabel("Group by").selectOption("resource");
    await page.locator(".legend li").nth(2).waitFor({ timeout: 60_000 });
    await settled(page);
    longest = await page.evaluate(() => Math.max(0, ...globalThis.longTasks));
  });
  return longest;
}

test("a_file_of_100_mb_never_keeps_the_main_thread_for_200_ms", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
  const file = join(folder, "wasabi-100-mb.json");
  try {
    await pipeline(Readable.from(wasabiRows(100 * 1024 * 1024)), createWriteStream(file));
    // A busy machine may hold up any task once; what is the page's own fault happens every time.
    const longest = [];
    while (longest.length < 3 && !longest.some((task) => task < LONGEST_TASK)) {
      longest.push(await longestTaskWith(file));
    }
    assert.ok(Math.min(...longest) < LONGEST_TASK, `tasks of ${longest} ms`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("reading_can_be_cancelled", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
  const file = join(folder, "wasabi-60-mb.json");
  try {
    await pipeline(Readable.from(wasabiRows(60 * 1024 * 1024)), createWriteStream(file));
    await visit("", {}, async (page) => {
      await page.locator('input[type="file"]').setInputFiles(file);
      await page.getByRole("button", { name: /^Cancel/ }).click();
      await page.locator(".welcome").waitFor();
      await page.locator('[data-sample="wasabi-bucket-daily"]').click();
      await settled(page);
      assert.equal(await page.locator(".reply").count(), 1);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
