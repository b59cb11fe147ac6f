// A headless Firefox over WebDriver BiDi, and what is done in it in a way of its own; chromium.mjs has the same for Chromium.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import puppeteer from "puppeteer-core";
import { problemsOf } from "./page.mjs";

const PATIENCE = 60_000;
const HEARTBEAT = 5;

/** The Firefox that FIREFOX names, else Debian's. */
export const executablePath = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Why there is no Firefox to test in, or false. */
export const missing = existsSync(executablePath) ? false : `there is no Firefox at ${executablePath}: install firefox-esr, or name one in FIREFOX`;

const folders = new WeakMap();

export const name = "Firefox";

/** The system's colours are a preference of the whole browser. */
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

/** Tests that need it; where there is none, a skipped one that says so. */
export function inFirefox(what, tests) {
  if (missing) {
    test(`${what}_in_firefox`, { skip: missing }, () => {});
  } else {
    tests();
  }
}

/** A page whose errors and refusals by the policy are kept. */
export async function open(browser, url, { viewport = { width: 1440, height: 900 } } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-firefox-"));
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  const context = await browser.createBrowserContext({ downloadBehavior: { policy: "allow", downloadPath: downloads } });
  const page = await context.newPage();
  folders.set(page, { folder, downloads });
  await page.setViewport(viewport);
  const problems = problemsOf(page);
  // Firefox tells refusals by the policy to its own console alone.
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

/** Brings files, each `{ name, bytes }`. */
export async function choose(page, ...files) {
  const { folder } = folders.get(page);
  const paths = files.map(({ name, bytes }) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  await chooseFile(page, ...paths);
}

/** Brings files that are on the disk. */
export const chooseFile = async (page, ...paths) => (await page.$('input[type="file"]')).uploadFile(...paths);

/**
 * Begins to watch how long the tasks of the main thread take, and gives the longest since then.
 *
 * Firefox has no observer of long tasks, so the page's heart is listened to: a timer that is due every few milliseconds, begun anew by each
 * beat. A task holds up the next beat for as long as it runs, so the widest gap between two beats is the longest task and at most a few
 * milliseconds more. It says at least as much as a task took, never less: frames, other timers and a busy machine are in the gap too.
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

/** What is under "Export", as the person gets it. */
export async function downloaded(page, name) {
  const { downloads } = folders.get(page);
  await page.locator(`[data-download="${name}"]`).click();
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const files = readdirSync(downloads);
    // Firefox writes beside the file, and puts it into its place when it is whole.
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

/** Chooses in a list, and fills in a field. */
export const pick = (page, css, value) => page.select(css, value);
export const fill = (page, css, value) => page.locator(css).fill(value);
