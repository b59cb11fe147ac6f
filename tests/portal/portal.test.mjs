// The portal in a browser, as a person meets it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { aggregate, Listing, normalize } from "meterglot";
import { build } from "./build.mjs";
import { launch, open, settled } from "./browser.mjs";
import { serve } from "./server.mjs";

let browser;
let server;

before(async () => {
  build();
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  server?.close();
});

const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const docs = (name) => fixture(`provider-docs/${name}`);

/** Opens the portal, does something, and demands that nothing went wrong behind the scenes. */
async function visit(query, work, options) {
  const { page, problems, close } = await open(browser, server.url + query, options);
  try {
    await work(page);
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
}

const choose = (page, ...files) => page.locator('input[type="file"]').setInputFiles(files);
const body = (name, bytes) => ({ name, mimeType: "application/octet-stream", buffer: bytes });

async function downloaded(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`[data-download="${name}"]`).click()]);
  return readFileSync(await download.path());
}

const SAMPLES = {
  "barracuda-usage-history": [docs("barracuda-usage-history.json"), "Barracuda · usage history"],
  "barracuda-usage-history.xml": [docs("barracuda-usage-history.xml"), "Barracuda · usage history"],
  "devicewise-api-history.without-ellipsis": [fixture("made/devicewise-api-history.without-ellipsis.json"), "deviceWISE · API history"],
  "devicewise-api-history.elided": [docs("devicewise-api-history.elided.json"), "deviceWISE · API history"],
  "cloudsigma-daily-burst-usage": [docs("cloudsigma-daily-burst-usage.json"), "CloudSigma · daily burst usage"],
  "cloudsigma-burst-usage.trailing-comma": [docs("cloudsigma-burst-usage.trailing-comma.json"), "CloudSigma · burst usage"],
  "wasabi-bucket-daily": [docs("wasabi-bucket-daily.json"), "Wasabi · bucket days"],
  "wasabi-bucket-daily.date-range": [docs("wasabi-bucket-daily.date-range.json"), "Wasabi · bucket days"],
  "wasabi-bucket-invoice": [docs("wasabi-bucket-invoice.json"), "Wasabi · bucket roll-up of an invoice"],
  "wasabi-bucket-invoice.control-account": [docs("wasabi-bucket-invoice.control-account.json"), "Wasabi · bucket roll-up of an invoice"],
  "onapp-user-statistics-period.xml": [docs("onapp-user-statistics-period.xml"), "OnApp · user statistics"],
  "onapp-user-statistics-hourly.elided.xml": [docs("onapp-user-statistics-hourly.elided.xml"), "OnApp · user statistics"],
};

for (const [id, [bytes, detected]] of Object.entries(SAMPLES)) {
  test(`the_sample_${id}_is_read_as_the_package_reads_it`, async () => {
    await visit("", async (page) => {
      await page.locator(`[data-sample="${id}"]`).click();
      await settled(page);
      const table = normalize(bytes, { onError: "collect" });
      assert.equal(await page.locator(".detected").innerText(), detected);
      assert.match(await page.locator(".facts").first().innerText(), new RegExp(`^${table.length} records?`));
      assert.equal(await page.locator("#issues .finding").count(), table.issues.length);
      assert.equal(await page.locator("#checks .finding.bad").count(), table.checks().filter(({ ok }) => !ok).length);
      assert.equal(await page.locator("#checks .finding.good").count(), table.checks().filter(({ ok }) => ok).length);
      if (table.length > 0) {
        assert.equal(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"), String(table.length + 1));
        assert.equal(await page.locator("#breakdown tbody tr").count(), measuresOf(aggregate(table)).length);
      }
    });
  });
}

/** What the breakdown lists: a row for each quantity and each cost. */
const measuresOf = (rows) => rows.flatMap((row) => [row.quantity, row.cost].filter((value) => value !== null));

test("a_mix_of_five_is_one_view", async () => {
  const files = ["barracuda-usage-history.xml", "cloudsigma-daily-burst-usage.json", "wasabi-bucket-daily.json", "onapp-user-statistics-period.xml"];
  const bodies = [...files.map(docs), fixture("made/devicewise-api-history.without-ellipsis.json")];
  await visit("", async (page) => {
    await choose(page, ...bodies.map((bytes, at) => body(`reply-${at}`, bytes)));
    await settled(page);
    const tables = bodies.map((bytes) => normalize(bytes, { onError: "collect" }));
    const length = tables.reduce((sum, table) => sum + table.length, 0);
    assert.equal(await page.locator("#records [role=grid]").getAttribute("aria-rowcount"), String(length + 1));
    const exact = Object.fromEntries(await page.locator("#breakdown tbody tr").evaluateAll((rows) => rows.map((row) => [row.querySelector("th").innerText, row.querySelector("[data-exact]").dataset.exact])));
    for (const row of aggregate(tables)) {
      assert.equal(exact[row.metric], row.cost !== null && row.quantity !== null ? row.quantity : (row.quantity ?? row.cost), row.metric);
    }
  });
});

test("what_is_not_counted_is_in_no_figure", async () => {
  await visit("?samples=wasabi-bucket-daily,barracuda-usage-history", async (page) => {
    await settled(page);
    await page.getByRole("checkbox", { name: "wasabi-bucket-daily.json" }).uncheck();
    await page.locator('#records [aria-rowcount="3"]').waitFor();
  });
});

test("pasted_text_is_read", async () => {
  await visit("", async (page) => {
    await page.getByRole("button", { name: "Paste text" }).click();
    await page.getByLabel("One reply, JSON or XML").fill(docs("wasabi-bucket-daily.json").toString());
    await page.getByRole("button", { name: "Read it" }).click();
    await settled(page);
    assert.equal(await page.locator(".detected").innerText(), "Wasabi · bucket days");
  });
});

test("a_broken_file_keeps_its_sound_rows_and_shows_where_it_broke", async () => {
  const bytes = docs("cloudsigma-burst-usage.trailing-comma.json");
  await visit("", async (page) => {
    await choose(page, body("broken.json", bytes));
    await settled(page);
    const { issues, length } = normalize(bytes, { onError: "collect" });
    const [{ line, column, offset }] = issues;
    const finding = page.locator("#issues .finding");
    await finding.locator("mark").waitFor();
    assert.match(await finding.innerText(), new RegExp(`line ${line}, column ${column}, byte ${offset}`));
    assert.equal(await finding.locator("mark").innerText(), bytes.toString().slice(offset, offset + 1));
    assert.match(await page.locator(".facts").first().innerText(), new RegExp(`^${length} records`));
  });
});

test("refusals_are_sentences_that_say_what_to_do", async () => {
  const refused = { "hello.txt": "hello", "page.html": fixture("made/onapp-error.html"), "error.json": fixture("made/wasabi-error.json"), "empty.json": "" };
  await visit("", async (page) => {
    await choose(page, ...Object.entries(refused).map(([name, text]) => body(name, Buffer.from(text))));
    await settled(page);
    const findings = await page.locator("#issues .finding").allInnerTexts();
    assert.equal(findings.length, Object.keys(refused).length);
    for (const text of findings) {
      const [verdict] = text.split("\n");
      assert.match(verdict, /^[a-z-]+ [A-Z].*\.$/s, verdict);
      assert.match(text.trimEnd(), /[A-Z][^.]*\.$/, "ends in what to do");
    }
    assert.match(await page.locator("#shown").innerText(), /hold no usage/);
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

test("a_record_leads_to_its_value_in_the_body", async () => {
  for (const [id, mark] of [["wasabi-bucket-daily", "1073741824"], ["barracuda-usage-history.xml", "4368709120"], ["cloudsigma-daily-burst-usage", "309237645312"], ["devicewise-api-history.without-ellipsis", "0"]]) {
    await visit(`?samples=${id}`, async (page) => {
      await settled(page);
      const row = page.locator("#records .grid-body [role=row]").filter({ hasText: id.startsWith("wasabi") ? "storage.stored" : "." }).first();
      await row.click();
      await page.locator("dialog mark").waitFor();
      assert.equal(await page.locator("dialog mark").innerText(), mark);
    });
  }
});

test("exports_are_the_packages_own_bytes", async () => {
  const bytes = docs("wasabi-bucket-daily.json");
  const request = "https://partner.wasabisys.com/v1/accounts/101430/utilizations/buckets/jk";
  const table = normalize(bytes, { request });
  await visit("?samples=wasabi-bucket-daily&by=resource&window=day", async (page) => {
    await settled(page);
    assert.deepEqual(await downloaded(page, "usage.csv"), Buffer.from(table.toCSV()));
    assert.deepEqual(await downloaded(page, "usage.ndjson"), Buffer.from(table.toNDJSON()));
    const spec = { by: ["resource"], window: "day", timeZone: "UTC", weekStart: "monday" };
    assert.deepEqual(JSON.parse(await downloaded(page, "aggregate-all.json")), aggregate(table, spec));
    assert.deepEqual(JSON.parse(await downloaded(page, "aggregate.json")), aggregate(table, { ...spec, where: { metric: ["storage.stored"] } }));
    const csv = (await downloaded(page, "aggregate-all.csv")).toString().split("\r\n");
    assert.equal(csv.length, aggregate(table, spec).length + 2);
  });
});

test("the_exports_of_many_replies_are_the_packages_bytes_one_after_another", async () => {
  const bodies = [docs("wasabi-bucket-daily.json"), docs("barracuda-usage-history.xml"), fixture("made/wasabi-formula-bucket.json")];
  await visit("", async (page) => {
    await choose(page, ...bodies.map((bytes, at) => body(`reply-${at}`, bytes)));
    await settled(page);
    const tables = bodies.map((bytes) => normalize(bytes, { onError: "collect" }));
    const csvs = tables.map((table) => Buffer.from(table.toCSV()));
    const headless = csvs.map((csv, at) => (at === 0 ? csv : csv.subarray(csv.indexOf("\r\n") + 2)));
    assert.deepEqual(await downloaded(page, "usage.csv"), Buffer.concat(headless));
    assert.deepEqual(await downloaded(page, "usage.ndjson"), Buffer.concat(tables.map((table) => table.toNDJSON())));
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

test("the_picture_is_a_png_of_the_chart", async () => {
  await visit("?samples=made-year&by=resource", async (page) => {
    await settled(page);
    const picture = await downloaded(page, "chart.png");
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
    assert.ok(picture.readUInt32BE(16) > 800, "as wide as the chart");
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
