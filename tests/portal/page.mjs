// What is done on a page alike in every browser: Playwright's pages and Puppeteer's have these calls in common.

const PATIENCE = 60_000;

/** Keeps what goes wrong on a page behind the scenes. */
export function problemsOf(page) {
  const problems = [];
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(message.text());
    }
  });
  return problems;
}

/** Waits until nothing is being read or asked. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const reading = document.querySelector('.reply[data-state="reading"], [aria-busy="true"]');
    return reading === null && document.querySelector(".reply") !== null;
  });
}

export const textOf = (page, css) => page.$eval(css, (element) => element.innerText);
export const textsOf = (page, css) => page.$$eval(css, (elements) => elements.map((element) => element.innerText));
export const countOf = (page, css) => page.$$eval(css, ({ length }) => length);

/** How many records are listed. */
export const recordsOn = (page) => page.$eval("#records [role=grid]", (grid) => Number(grid.getAttribute("aria-rowcount")) - 1);
