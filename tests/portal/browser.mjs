// A headless Chromium, and what every test does on a page.
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The Chromium that CHROMIUM names, else the one on the path. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** A page whose errors and refusals by the policy are kept. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Vienna", viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(message.text());
    }
  });
  await page.goto(url);
  await page.locator(".bring").waitFor();
  return { page, problems, close: () => context.close() };
}

/** Waits until nothing is being read or asked. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const reading = document.querySelector('.reply[data-state="reading"], [aria-busy="true"]');
    return reading === null && document.querySelector(".reply") !== null;
  }, undefined, { timeout: 60_000 });
}
