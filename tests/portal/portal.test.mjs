// The portal in Chromium, as a person meets it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as chromium from "./chromium.mjs";
import { promisesOfFormats } from "./formats.mjs";
import { settled } from "./page.mjs";
import { promises } from "./promises.mjs";
import { promisesOfViews } from "./views.mjs";
import { visitor } from "./visitor.mjs";

const visit = visitor(chromium);

promises(visit, chromium);
promisesOfViews(visit, chromium);
promisesOfFormats(visit, chromium);

// Firefox has no other language than its own installed.
test("numbers_are_written_as_the_person_writes_them_and_the_exact_value_is_beside", async () => {
  await visit(
    "?samples=made-year",
    async (page) => {
      await settled(page);
      const [number, title, exact] = await page.$eval("#totals .tile:last-child button.amount", (amount) => [
        amount.querySelector(".number").innerText,
        amount.title,
        amount.dataset.exact,
      ]);
      assert.equal(number.replaceAll(".", ""), exact);
      assert.match(number, /^\d{1,3}(\.\d{3})+$/);
      assert.ok(title.includes(`exactly ${exact} {call}`));
    },
    { locale: "de-DE" },
  );
});
