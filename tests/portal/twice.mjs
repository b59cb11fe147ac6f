// Usage that is reported twice, on a page, in every browser: it counts once, the page names it, and the user can choose otherwise.
import assert from "node:assert/strict";
import { test } from "node:test";
import { body, docs } from "./bodies.mjs";
import { attributeOf, countOf, recordsOn, settled, textOf, textsOf, until } from "./page.mjs";

const DAY = { AcctNum: 7363, StartTime: "2024-01-01T00:00:00Z", EndTime: "2024-01-02T00:00:00Z" };
const bytes = (value) => Buffer.from(JSON.stringify(value));

/** Daily usage of two buckets, of their account, and an invoice that sums up the same buckets. */
export const BUCKET_DAYS = bytes([
  { ...DAY, BucketNum: 1, Bucket: "b", Region: "r", RawStorageSizeBytes: 5, NumAPICalls: 2 },
  { ...DAY, BucketNum: 2, Bucket: "c", Region: "r", RawStorageSizeBytes: 2, NumAPICalls: 5 },
]);
export const ACCOUNT_DAYS = bytes([{ ...DAY, UtilizationNum: 9, RawStorageSizeBytes: 7, NumAPICalls: 7 }]);
export const INVOICE = bytes([
  {
    ...DAY,
    EndTime: "2024-02-01T00:00:00Z",
    AcctPlanNum: 1,
    BucketNum: 1,
    Bucket: "b",
    Region: "r",
    RawStorageSizeGBDays: 31,
    PaddedStorageSizeGBDays: 31,
    OrphanedStorageSizeGB: 0,
    NumAPICalls: 9,
  },
]);

const stat = (more) => ({ user_stat: { user_id: 4, currency_code: "USD", ...more } });
/** Two hours of a user, and the summary that contains them. */
export const HOURS = [
  bytes([
    stat({ stat_time: "2012-03-15T06:00:00Z", total_cost: "2", vm_cost: "2" }),
    stat({ stat_time: "2012-03-15T07:00:00Z", total_cost: "3", vm_cost: "3" }),
  ]),
];
export const SUMMARY = [
  bytes(stat({ total_cost: "5", vm_cost: "5" })),
  "https://onapp.example/users/4/user_statistics.json?period[startdate]=2012-03-15%2000:00:00&period[enddate]=2012-03-16%2000:00:00",
];

/** Hours of the same user in another listing, which begins at another minute. */
const OTHER_HOURS = bytes([stat({ stat_time: "2012-03-15T06:20:00Z", total_cost: "6", vm_cost: "6" })]);

export const BURST = [
  docs("cloudsigma-burst-usage.trailing-comma.json"),
  "https://zrh.cloudsigma.com/api/2.0/burstusage/?date__gt=2014-11-15&date__lt=2014-11-19",
];
export const BURST_DAYS = [docs("cloudsigma-daily-burst-usage.json"), "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/"];

/** Defines the tests. `visit` is from visitor.mjs, the rest from chromium.mjs or firefox.mjs. */
export function promisesOfTwice(visit, { choose, downloaded }) {
  const exact = (page, css = ".tile:last-child button.amount") => attributeOf(page, css, "data-exact");
  const shows = (page, value) =>
    until(
      page,
      `document.querySelector(".tile:last-child button.amount").dataset.exact === ${JSON.stringify(value)} && document.querySelector("[aria-busy=true]") === null`,
    );
  const caution = (page) => textOf(page, "#told-twice .caution");

  test("an_account_and_its_buckets_count_once_and_the_choice_is_the_persons", async () => {
    await visit("", async (page) => {
      await choose(page, body("buckets.json", BUCKET_DAYS), body("account.json", ACCOUNT_DAYS));
      await settled(page);
      assert.equal(await exact(page), "7");
      assert.match(
        await caution(page),
        /reported twice: bucket days and account days of Wasabi both report api\.calls and storage\.stored of the same account at the same time\. The figures count bucket days; 2 records of account days are left out/,
      );
      assert.match(await textOf(page, ".tile:last-child"), /Wasabi · bucket days/);
      assert.equal(await countOf(page, "#over-time .refusal"), 0);
      assert.equal(await recordsOn(page), 6, "every record is listed");
      assert.equal(JSON.parse(await downloaded(page, "aggregate-all.json")).find(({ metric }) => metric === "api.calls").quantity, "7");

      await page.click("[data-prefer]");
      await settled(page);
      assert.match(await caution(page), /The figures count account days; 4 records of bucket days are left out/);
      assert.match(await textOf(page, ".tile:last-child"), /Wasabi · account days/);
      assert.match(page.url(), /prefer=wasabi\.account-daily/);
      await page.click(".tile:last-child button.amount");
      await page.waitForSelector('#records [aria-rowcount="2"]');

      await page.click("[data-overlap=keep]");
      await shows(page, "14");
      assert.match(await caution(page), /Both are added\./);
      assert.equal(await countOf(page, "#over-time .refusal"), 0);
      await page.click("[data-overlap=error]");
      await shows(page, "7");
    });
  });

  test("listings_of_hours_that_begin_at_other_minutes_count_once_and_either_can_be_chosen", async () => {
    await visit("", async (page) => {
      await choose(page, body("hours.json", HOURS[0]), body("later.json", OTHER_HOURS));
      await settled(page);
      assert.equal(await exact(page), "5");
      assert.match(
        await caution(page),
        /hours\.json and later\.json both report user statistics of the same time\. The figures count the first; the 2 records of later\.json are left out/,
      );
      assert.equal(await countOf(page, "#told-twice [data-join]"), 0, "read as one listing, the usage would still be reported twice");
      assert.deepEqual(await textsOf(page, ".reply .bad[href='#told-twice']"), ["not counted: usage reported twice"]);
      await page.click("[data-instead]");
      await settled(page);
      assert.deepEqual(
        [await exact(page), await countOf(page, "#told-twice"), await page.$$eval(".counted input", (all) => all.map(({ checked }) => checked))],
        ["6", 0, [false, true]],
      );
    });
  });

  test("burst_and_daily_burst_are_shown_without_adding_them", async () => {
    await visit("?samples=cloudsigma-burst-usage.trailing-comma,cloudsigma-daily-burst-usage&by=format", async (page) => {
      await settled(page);
      assert.equal(await countOf(page, "#shown .refusal"), 0);
      assert.ok((await countOf(page, ".tile")) > 1);
    });
  });
}
