// Accessibility, in every browser: screen readers, keyboards and narrow windows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { body, fixture } from "./bodies.mjs";
import { withFile } from "./large.mjs";
import { attributeOf, countOf, pressed, recordsOn, settled, textOf, until } from "./page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MIX = "?samples=barracuda-usage-history,devicewise-api-history.elided,cloudsigma-daily-burst-usage,wasabi-bucket-daily,onapp-user-statistics-period.xml";
const WIDTHS = [375, 820, 1440];
const MB = 1024 * 1024;

const OWN_FORMAT = JSON.stringify({
  descriptor: 1,
  provider: "acme",
  format: "acme.usage",
  title: "Usage of Acme by resource and day, with the traffic of each region",
  detect: [{ row: { has: "bytes" } }],
  rows: [{ at: "/items/*" }],
  metrics: { bytes: { metric: "acme.bytes", kind: "delta", unit: "By" } },
});

/** Returns the serious and critical violations that axe-core finds. The driver injects axe-core, as the page's policy allows no foreign scripts. */
async function faults(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(axe);
  }
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(" | ")}`);
}

/** The pixels that the page is wider than the window; the chart is redrawn for a new width a moment after the window has it. */
async function overflow(page) {
  for (let tries = 50; ; tries -= 1) {
    const pixels = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (pixels === 0 || tries === 0) {
      return pixels;
    }
    await new Promise((later) => setTimeout(later, 20));
  }
}

const focused = (page, of) => page.evaluate(of);

/**
 * Defines the tests. `visit` is from visitor.mjs, `driver` is chromium.mjs or firefox.mjs. axe-core looks at the page at each of `axeWidths`:
 * what it finds depends on the width and the theme, hardly on the browser, so one browser may do with fewer.
 */
export function promisesOfManners(visit, driver, { axeWidths = WIDTHS } = {}) {
  const atEach = async (widths, page, check) => {
    for (const width of widths) {
      await driver.resize(page, width);
      await check(width);
    }
  };

  for (const colorScheme of ["light", "dark"]) {
    test(`axe_core_finds_nothing_serious_in_the_${colorScheme}_theme`, async () => {
      const sound = (page, what) => atEach(axeWidths, page, async (width) => assert.deepEqual(await faults(page), [], `${what}, ${width}`));
      await visit(
        "",
        async (page) => {
          await sound(page, "empty");
          await page.click("[aria-controls=bring-source]");
          await sound(page, "source");
          // A format of a person's own, and a descriptor with problems.
          await driver.choose(page, body("a-descriptor-with-a-name-that-is-long.json", '{"descriptor":1,"provider":"acme"}'), body("own.json", OWN_FORMAT));
          await page.waitForSelector(".format:nth-child(2) .finding, .format:nth-child(1) .finding");
          await page.waitForSelector("[data-format]");
          await sound(page, "formats");
          await atEach(WIDTHS, page, async (width) => assert.equal(await overflow(page), 0, `formats, ${width}`));
        },
        { colorScheme },
      );
      for (const more of ["&by=provider&sort=-quantity", "&table=1&measure=api.calls~delta~{call}"]) {
        await visit(
          MIX + more,
          async (page) => {
            await settled(page);
            await page.waitForSelector("#issues mark");
            await page.click(".settings > summary");
            await sound(page, more);
          },
          { colorScheme },
        );
      }
      await visit(
        MIX,
        async (page) => {
          await settled(page);
          await page.waitForSelector("#row-0 .col-metric");
          await page.click("#row-0");
          await page.waitForSelector("dialog mark");
          await sound(page, "record");
        },
        { colorScheme },
      );
    });
  }

  test("no_width_needs_scrolling_sideways", async () => {
    for (const query of ["", MIX, "?samples=made-year&by=resource"]) {
      await visit(query, async (page) => {
        if (query !== "") {
          await settled(page);
        }
        await atEach([320, ...WIDTHS, 1600], page, async (width) => {
          assert.equal(await overflow(page), 0, `${query} at ${width}`);
        });
      });
    }
  });

  test("numbers_of_any_length_stay_in_their_places", async () => {
    await visit("", async (page) => {
      await driver.choose(page, ...["barracuda-76-digits.json", "onapp-exponents.json"].map((name) => body(name, fixture(`made/${name}`))));
      await settled(page);
      await atEach([320, ...WIDTHS], page, async (width) => {
        assert.equal(await overflow(page), 0, `at ${width}`);
        const outside = await page.$$eval(".tile", (tiles) =>
          tiles
            .filter((tile) => tile.querySelector(".amount").getBoundingClientRect().right > tile.getBoundingClientRect().right + 1)
            .map((tile) => tile.innerText),
        );
        assert.deepEqual(outside, [], `at ${width}`);
      });
    });
  });

  test("there_is_one_heading_of_the_first_rank", async () => {
    for (const query of ["", MIX]) {
      await visit(query, async (page) => {
        if (query !== "") {
          await settled(page);
        }
        assert.equal(await countOf(page, "h1"), 1, query);
      });
    }
  });

  test("the_head_of_the_list_has_the_columns_of_its_rows_at_every_width", async () => {
    await visit(`${MIX}&sort=-cost`, async (page) => {
      await settled(page);
      await page.waitForSelector("#row-0 .col-metric");
      const places = (css) =>
        page.$$eval(css, (cells) => cells.filter((cell) => cell.getClientRects().length > 0).map((cell) => Math.round(cell.getBoundingClientRect().left)));
      await atEach([...WIDTHS, 1600], page, async (width) => {
        const head = await places("#records [role=columnheader]");
        assert.deepEqual(head, await places("#row-0 [role=gridcell]"), `at ${width}`);
        assert.ok(head.length >= 3);
        assert.ok(await page.$eval("#records [role=columnheader].col-cost", (cell) => cell.getClientRects().length > 0), "what is sorted by is seen");
      });
    });
  });

  test("everything_is_reached_by_keyboard", async () => {
    await visit("", async (page) => {
      await pressed(page, "Tab");
      assert.equal(await focused(page, () => document.activeElement.textContent), "Skip to the figures");
      await page.focus('[data-sample="wasabi-bucket-daily"]');
      await pressed(page, "Enter");
      await settled(page);

      await page.focus("#records [role=grid]");
      await pressed(page, "End");
      const rows = await recordsOn(page);
      await until(page, `document.querySelector("#records [role=grid]").getAttribute("aria-activedescendant") === "row-${rows - 1}"`);
      await page.waitForSelector(`#row-${rows - 1} .col-metric`);
      await pressed(page, "Enter");
      await page.waitForSelector("dialog[open] mark");
      await pressed(page, "Escape");
      await until(page, `document.querySelector("dialog[open]") === null`);
      assert.equal(await focused(page, () => document.activeElement.getAttribute("role")), "grid");

      await page.focus(".plot");
      await pressed(page, "ArrowRight");
      await page.waitForSelector(".reading");
      assert.match(await textOf(page, ".reading"), /26 Dec 2019|Dec 26, 2019/);
      await pressed(page, "Escape");
      await until(page, `document.querySelector(".reading") === null`);
    });
  });

  test("the_focus_goes_through_the_page_as_it_is_read", async () => {
    await visit("?samples=made-year&by=resource", async (page) => {
      await settled(page);
      const met = [];
      for (let press = 0; press < 400; press++) {
        await pressed(page, "Tab");
        const at = await page.evaluate(() => {
          const element = document.activeElement;
          const all = [...document.querySelectorAll("*")];
          return element === document.body
            ? null
            : {
                place: all.indexOf(element),
                name: element.id || element.className || element.tagName,
                width: getComputedStyle(element).outlineWidth,
                style: getComputedStyle(element).outlineStyle,
              };
        });
        if (at === null || (met.length > 0 && at.place <= met[0].place)) {
          break;
        }
        met.push(at);
      }
      assert.ok(met.length > 40, `${met.length} stops`);
      for (const [index, { place, name, width, style }] of met.entries()) {
        assert.ok(index === 0 || place > met[index - 1].place, `${name} comes after what stands before it`);
        assert.ok(style !== "none" && parseFloat(width) >= 1, `the focus of ${name} can be seen`);
      }
    });
  });

  test("changes_are_announced_to_screen_readers", async () => {
    await visit("?samples=devicewise-api-history.elided", async (page) => {
      await settled(page);
      await until(page, `/records read, 1 issue/.test(document.querySelector("[role=status]").textContent)`);
    });
  });

  test("the_theme_is_the_systems_until_one_is_chosen_and_then_stays", async () => {
    await visit(
      "",
      async (page) => {
        const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
        assert.equal(await theme(), "dark");
        assert.match(await textOf(page, ".top > button"), /^Light/);
        await page.click(".top > button");
        assert.equal(await theme(), "light");
        await page.reload();
        await page.waitForSelector(".bring");
        assert.equal(await theme(), "light");
      },
      { colorScheme: "dark" },
    );
  });

  test("reading_can_be_cancelled", { timeout: 120_000 }, async () => {
    await withFile(60 * MB, async (file) => {
      await visit("", async (page) => {
        await driver.chooseFile(page, file);
        await page.waitForSelector('.reply[data-state="reading"] .reply-head button');
        await page.click('.reply[data-state="reading"] .reply-head button');
        await page.waitForSelector(".welcome");
        await page.click('[data-sample="wasabi-bucket-daily"]');
        await settled(page);
        assert.equal(await countOf(page, ".reply"), 1);
        assert.equal(await attributeOf(page, ".reply", "data-state"), "read");
      });
    });
  });
}
