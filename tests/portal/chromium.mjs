// A headless Chromium, and what is done in it in a way of its own; firefox.mjs has the same for Firefox.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { problemsOf } from "./page.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const name = "Chromium";

/** The Chromium that CHROMIUM names, else the one on the path. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** A page whose errors and refusals by the policy are kept. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Vienna",
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  const problems = problemsOf(page);
  await page.goto(url);
  await page.locator(".bring").waitFor();
  return { page, problems, close: () => context.close() };
}

/** Gives the window another width. */
export const resize = (page, width) => page.setViewportSize({ width, height: 900 });

/** Brings files, each `{ name, bytes }`. */
export function choose(page, ...files) {
  return page
    .locator('input[type="file"]')
    .setInputFiles(files.map(({ name, bytes }) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) })));
}

/** Brings files that are on the disk. */
export const chooseFile = (page, ...paths) => page.locator('input[type="file"]').setInputFiles(paths);

/**
 * Begins to watch how long the tasks of the main thread take, and gives the longest since then.
 *
 * A task in which files are chosen counts from its `input` event: before that, Chromium makes the files, with one call that waits for its other
 * process for each, in the same task. No script of the page runs meanwhile.
 */
export async function watchTasks(page) {
  await page.evaluate(() => {
    globalThis.longestTask = 0;
    let filesMade = 0;
    addEventListener(
      "input",
      ({ target }) => {
        filesMade = target.type === "file" ? performance.now() : filesMade;
      },
      { capture: true },
    );
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        const end = startTime + duration;
        const start = filesMade < end ? Math.max(startTime, filesMade) : startTime;
        globalThis.longestTask = Math.max(globalThis.longestTask, end - start);
      }
    }).observe({ type: "longtask" });
  });
  return () => page.evaluate(() => globalThis.longestTask);
}

/** What is under "Export", as the person gets it. */
export async function downloaded(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`[data-download="${name}"]`).click()]);
  return readFileSync(await download.path());
}

/** Chooses in a list, and fills in a field. */
export const pick = (page, css, value) => page.locator(css).selectOption(value);
export const fill = (page, css, value) => page.locator(css).fill(value);
