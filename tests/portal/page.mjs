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

export const attributeOf = (page, css, name) => page.$eval(css, (element, name) => element.getAttribute(name), name);
export const pressed = (page, key) => page.keyboard.press(key);

/** Waits until an expression holds on the page. It is asked from here: the page's policy lets it evaluate nothing itself. */
export async function until(page, expression) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    if (await page.evaluate(expression)) {
      return;
    }
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`it never came to be that ${expression}`);
}
