// Drives a headless Firefox over WebDriver BiDi, with the actions that differ between browsers; chromium.mjs has the same for Chromium.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import puppeteer from "puppeteer-core";
import { problemsOf } from "./page.mjs";

const PATIENCE = 60_000;
const HEARTBEAT = 5;

/** The path of Firefox: the environment variable FIREFOX, else Debian's. */
export const executablePath = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** The reason to skip the tests in Firefox, or false. */
export const missing = existsSync(executablePath) ? false : `there is no Firefox at ${executablePath}: install firefox-esr, or name one in FIREFOX`;

const folders = new WeakMap();

export const name = "Firefox";

/** The system's colour scheme is a preference of the whole browser. */
export function launch({ colorScheme = "light" } = {}) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    env: { ...process.env, TZ: "Europe/Vienna" },
    extraPrefsFirefox: {
      "intl.accept_languages": "en-GB",
      "intl.locale.requested": "en-GB",
      "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
    },
  });
}

/** Defines tests that need Firefox. Without it, defines one skipped test with the reason. */
export function inFirefox(what, tests) {
  if (missing) {
    test(`${what}_in_firefox`, { skip: missing }, () => {});
  } else {
    tests();
  }
}

/** Opens a page and records its errors and its violations of the content security policy. */
export async function open(browser, url, { viewport = { width: 1440, height: 900 } } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-firefox-"));
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: "allow", downloadPath: downloads } });
  const page = await context.newPage();
  folders.set(page, { folder, downloads });
  await page.setViewport(viewport);
  const problems = problemsOf(page);
  // Firefox reports violations of the policy only to its own console.
  await page.evaluateOnNewDocument(() =>
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`refused by ${violatedDirective}: ${blockedURI}`),
    ),
  );
  await page.goto(url);
  await page.waitForSelector(".bring");
  return {
    page,
    problems,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Gives the window another width. */
export const resize = (page, width) => page.setViewport({ width, height: 900 });

/** Adds files, each `{ name, bytes }`. */
export async function choose(page, ...files) {
  const { folder } = folders.get(page);
  const paths = files.map(({ name, bytes }) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  await chooseFile(page, ...paths);
}

/** Adds files that are on the disk. */
export const chooseFile = async (page, ...paths) => (await page.$('input[type="file"]')).uploadFile(...paths);

/**
 * Starts to measure the tasks of the main thread. Returns a function that returns the longest so far, in milliseconds.
 *
 * Firefox has no observer of long tasks, so a timer runs every few milliseconds and starts the next one each time it fires. A task delays
 * the timer for as long as it runs, so the longest gap between two calls is the longest task plus at most a few milliseconds. The result
 * is never less than a task took, but may be more: frames, other timers and a busy machine also lengthen the gap.
 */
export async function watchTasks(page) {
  await page.evaluate((every) => {
    globalThis.longestTask = 0;
    let last = performance.now();
    const beat = () => {
      const now = performance.now();
      globalThis.longestTask = Math.max(globalThis.longestTask, now - last - every);
      last = now;
      setTimeout(beat, every);
    };
    setTimeout(beat, every);
  }, HEARTBEAT);
  return () => page.evaluate(() => globalThis.longestTask);
}

/** Downloads a file listed under "Export" and returns it. */
export async function downloaded(page, name) {
  const { downloads } = folders.get(page);
  await page.locator(`[data-download="${name}"]`).click();
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const files = readdirSync(downloads);
    // Firefox writes to another file, and renames it when it is complete.
    if (files.includes(name) && !files.some((file) => file.endsWith(".part"))) {
      const bytes = readFileSync(join(downloads, name));
      if (bytes.length > 0) {
        rmSync(join(downloads, name));
        return bytes;
      }
    }
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`${name} did not come: ${readdirSync(downloads)}`);
}

/** Select an option of a list; fill in a field. */
export const pick = (page, css, value) => page.select(css, value);
export const fill = (page, css, value) => page.locator(css).fill(value);
