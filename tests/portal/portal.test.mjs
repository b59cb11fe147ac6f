// The portal in Chromium, as a person meets it: what it promises in every browser, and what is tested in this one alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { aggregate, Listing, normalize } from "meterglot";
import { body, docs } from "./bodies.mjs";
import * as chromium from "./chromium.mjs";
import { settled } from "./page.mjs";
import { promises } from "./promises.mjs";
import { visitor } from "./visitor.mjs";

const { choose, downloaded } = chromium;
const visit = visitor(chromium);

promises(visit, chromium);

test("what_is_not_counted_is_in_no_figure", async () => {
  await visit("?samples=wasabi-bucket-daily,barracuda-usage-history", async (page) => {
    await settled(page);
    await page.getByRole("checkbox", { name: "wasabi-bucket-daily.json" }).uncheck();
    await page.locator('#records [aria-rowcount="3"]').waitFor();
  });
});

test("a_wrong_correction_is_refused_in_words_and_can_be_taken_back", async () => {
  await visit("?samples=wasabi-bucket-daily", async (page) => {
    await settled(page);
    await page.getByText("Settings", { exact: false }).first().click();
    await page.getByLabel("URL of the request").fill("ftp://example.com/usage");
    await page.getByRole("button", { name: "Read again" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /request.*Settings/s);
  });
});

test("a_request_settles_what_it_is_said_to_settle", async () => {
  await visit("?samples=barracuda-usage-history", async (page) => {
    await settled(page);
    assert.match(await page.locator(".open").innerText(), /resolution/);
    await page.getByText("Settings", { exact: false }).first().click();
    await page.getByLabel("URL of the request").fill("https://api.intronis.com/v1/partners/barracuda/usage_history?resolution=DAY");
    await page.getByRole("button", { name: "Read again" }).click();
    await page.waitForFunction(() => !document.querySelector(".open")?.textContent.includes("instants"));
  });
});

test("detection_can_be_corrected", async () => {
  await visit("", async (page) => {
    await choose(page, body("empty-list.json", Buffer.from("[]")));
    await settled(page);
    assert.equal(await page.locator(".detected").innerText(), "Not told apart");
    await page.getByText("Settings", { exact: false }).first().click();
    await page.getByLabel("Provider").selectOption("onapp");
    await page.getByRole("button", { name: "Read again" }).click();
    await page.getByText("OnApp · user statistics").waitFor();
  });
});

test("every_figure_leads_to_as_many_records_as_made_it", async () => {
  const mixes = ["made-year&by=resource&table=1&window=month", "barracuda-usage-history,wasabi-bucket-daily,onapp-user-statistics-period.xml,cloudsigma-daily-burst-usage"];
  for (const samples of mixes) {
    await visit(`?samples=${samples}`, async (page) => {
      await settled(page);
      const rows = page.locator("#breakdown table").filter({ hasText: "Made by" }).locator("tbody tr");
      for (let at = 0; at < (await rows.count()); at += 3) {
        const told = (await rows.nth(at).locator("td").nth(-2).innerText()).replaceAll(",", "");
        await rows.nth(at).locator("button.amount").click();
        await page.locator(`#records [aria-rowcount="${Number(told) + 1}"]`).waitFor();
      }
    });
  }
});

test("a_level_of_a_window_leads_to_the_records_that_hold_in_it", async () => {
  const bytes = docs("barracuda-usage-history.json");
  const [, second] = aggregate(normalize(bytes), { window: "day", timeZone: "Europe/Vienna" });
  await visit("?samples=barracuda-usage-history&window=day&zone=Europe/Vienna&table=1", async (page) => {
    await settled(page);
    const cell = page.locator("#over-time tbody tr").nth(1).locator("button.amount");
    assert.equal(await cell.getAttribute("data-exact"), second.quantity);
    await cell.click();
    await page.locator(`#records [aria-rowcount="${second.records + 1}"]`).waitFor();
  });
});

test("two_replies_of_the_same_usage_are_pointed_out_and_can_be_read_as_one", async () => {
  const bytes = docs("wasabi-bucket-daily.json");
  await visit("", async (page) => {
    await choose(page, body("one.json", bytes), body("again.json", bytes));
    await settled(page);
    await page.getByRole("button", { name: "Read them as one listing" }).click();
    await settled(page);
    const listing = new Listing({ to: "table", onError: "collect" });
    for (const page of [bytes, bytes]) {
      listing.begin();
      listing.push(page);
      listing.end();
    }
    const { duplicates } = listing;
    assert.match(await page.locator(".facts").first().innerText(), new RegExp(`${duplicates} read before, dropped`));
    assert.equal(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"), String(listing.finish().length + 1));
  });
});

test("an_account_and_its_buckets_are_not_added_up_without_a_word", async () => {
  await visit("", async (page) => {
    const day = { AcctNum: 7363, StartTime: "2024-01-01T00:00:00Z", EndTime: "2024-01-02T00:00:00Z", RawStorageSizeBytes: 5, NumAPICalls: 2 };
    await choose(page, body("buckets.json", Buffer.from(JSON.stringify([{ ...day, BucketNum: 1, Bucket: "b", Region: "r" }]))), body("account.json", Buffer.from(JSON.stringify([{ ...day, UtilizationNum: 9 }]))));
    await settled(page);
    assert.match(await page.locator(".caution").innerText(), /same account.*counted twice/s);
  });
});

test("the_view_is_in_the_address", async () => {
  await visit("?samples=made-year", async (page) => {
    await settled(page);
    await page.locator(".controls").getByLabel("Group by").selectOption("region");
    await page.locator(".controls").getByLabel("Window").selectOption("quarter");
    await page.locator(".controls").getByLabel("Time zone").selectOption("America/New_York");
    await page.locator(".controls").getByLabel("Measure").selectOption("api.calls~delta~{call}");
    await settled(page);
    const legend = await page.locator(".legend").innerText();
    const address = page.url();
    for (const part of ["by=region", "window=quarter", "zone=America/New_York", "samples=made-year", "measure=api.calls"]) {
      assert.ok(decodeURIComponent(address).includes(part), `${address} holds ${part}`);
    }
    await page.goto("about:blank");
    await page.goto(address);
    await settled(page);
    assert.equal(await page.locator(".legend").innerText(), legend);
  });
});

test("nothing_is_asked_of_the_network_but_the_pages_own_files", async () => {
  await visit("", async (page) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await choose(page, body("reply.json", docs("wasabi-bucket-daily.json")));
    await settled(page);
    await downloaded(page, "usage.csv");
    const strangers = asked.filter((url) => !url.startsWith("blob:") && !/\/assets\/[\w.-]+$/.test(url));
    assert.deepEqual(strangers, []);
  });
});
