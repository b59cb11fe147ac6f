// Wasabi's rules (docs/formats.md#wasabi): a bare key and a header, a bare list without pages, an end that is not in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, assertExpected, numbersOf, start, totalsOf } from "./support.mjs";

const ACCOUNT = "/v1/accounts/101430/utilizations";
const BUCKETS = `${ACCOUNT}/buckets`;
const days = ({ json }) => [...new Set(json.map(({ StartTime }) => StartTime.slice(0, 10)))];

test("the_key_is_in_authorization_without_a_scheme", async (t) => {
  const { wasabi, credentials } = await start(t);
  for (const authorization of ["", `Bearer ${credentials.wasabi.key}`, `${credentials.wasabi.key}0`]) {
    const { status, json } = await wasabi(BUCKETS, { headers: { authorization } });
    assert.deepEqual([status, json], [401, { Msg: "Invalid API key" }], authorization);
  }
  assert.equal((await wasabi(`${BUCKETS}?latest=true`)).status, 200);
});

test("without_the_service_header_nothing_is_permitted", async (t) => {
  const { wasabi } = await start(t);
  const { status, json } = await wasabi(BUCKETS, { headers: { "x-wasabi-service": "" } });
  assert.deepEqual([status, json], [403, { Msg: "You are not permitted to complete that action" }]);
});

test("a_days_row_has_the_fields_of_the_vendors_page_in_its_order", async (t) => {
  const { wasabi } = await start(t);
  const [row] = (await wasabi(`${BUCKETS}?from=2024-01-10&to=2024-01-11`)).json;
  assert.deepEqual(Object.keys(row), [
    "BucketUtilizationNum",
    "AcctNum",
    "AcctPlanNum",
    "BucketNum",
    "StartTime",
    "EndTime",
    "CreateTime",
    "NumBillableObjects",
    "NumBillableDeletedObjects",
    "RawStorageSizeBytes",
    "PaddedStorageSizeBytes",
    "MetadataStorageSizeBytes",
    "DeletedStorageSizeBytes",
    "OrphanedStorageSizeBytes",
    "NumAPICalls",
    "UploadBytes",
    "DownloadBytes",
    "StorageWroteBytes",
    "StorageReadBytes",
    "NumGETCalls",
    "NumPUTCalls",
    "NumDELETECalls",
    "NumLISTCalls",
    "NumHEADCalls",
    "DeleteBytes",
    "Bucket",
    "Region",
  ]);
  assert.deepEqual([row.AcctNum, row.StartTime, row.EndTime], [101430, "2024-01-10T00:00:00Z", "2024-01-11T00:00:00Z"]);
});

test("to_is_exclusive_and_from_is_not", async (t) => {
  const { wasabi } = await start(t);
  assert.deepEqual(days(await wasabi(`${BUCKETS}?from=2024-01-10&to=2024-01-11`)), ["2024-01-10"]);
  assert.equal(days(await wasabi(`${BUCKETS}?from=2024-03-04&to=2024-03-11`)).length, 7);
  assert.deepEqual((await wasabi(`${BUCKETS}?from=2024-01-10&to=2024-01-10`)).text, "[]");
});

test("a_date_that_is_none_is_refused_with_a_message", async (t) => {
  const { wasabi } = await start(t);
  for (const query of ["from=2024-02-30", "to=2024-1-1", "from=2024-01-01T00:00:00Z"]) {
    const { status, json } = await wasabi(`${BUCKETS}?${query}`);
    assert.equal(status, 400, query);
    assert.deepEqual(Object.keys(json), ["Msg"]);
  }
});

test("without_dates_there_is_every_day_and_latest_is_the_last_of_them", async (t) => {
  const { wasabi } = await start(t, { since: "2024-05-01", size: { wasabi: { buckets: 2 } } });
  const all = days(await wasabi(BUCKETS));
  assert.deepEqual([all[0], all.at(-1), all.length], ["2024-05-01", "2024-06-14", 45]);
  assert.deepEqual(days(await wasabi(`${BUCKETS}?latest=true`)), ["2024-06-14"]);
});

test("a_day_is_reported_once_it_was_calculated_some_hours_later", async (t) => {
  let now = Date.parse("2024-06-15T01:59:59Z");
  const { wasabi } = await start(t, { clock: () => now, since: "2024-06-01" });
  assert.equal(days(await wasabi(BUCKETS)).at(-1), "2024-06-13");
  now = Date.parse("2024-06-15T10:00:00Z");
  const reply = await wasabi(BUCKETS);
  assert.equal(days(reply).at(-1), "2024-06-14");
  assert.ok(Date.parse(reply.json.at(-1).CreateTime) <= now);
});

test("there_are_no_pages_and_each_row_has_a_number_of_its_own", async (t) => {
  const { wasabi } = await start(t);
  const { json, table } = await wasabi("/v1/utilizations/buckets?from=2024-01-01&to=2024-03-01&pageSize=1&limit=1");
  assert.equal(new Set(json.map(({ BucketUtilizationNum }) => BucketUtilizationNum)).size, json.length);
  assert.ok(json.length > 1000);
  assert.equal(table.page, null);
});

test("two_buckets_of_one_name_are_both_given_for_it", async (t) => {
  const { wasabi } = await start(t);
  const { json } = await wasabi(`${BUCKETS}/media-0?from=2024-01-10&to=2024-01-11`);
  assert.deepEqual(
    json.map(({ Bucket, Region }) => [Bucket, Region]),
    [
      ["media-0", "us-east-1"],
      ["media-0", "us-west-1"],
    ],
  );
  assert.equal(new Set(json.map(({ BucketNum }) => BucketNum)).size, 2);
});

test("a_deleted_bucket_bears_a_number_and_has_days_up_to_its_end", async (t) => {
  const { wasabi, data } = await start(t);
  const { json } = await wasabi(`${BUCKETS}/${encodeURIComponent("1.media-2")}`);
  const end = new Date(data.wasabi.buckets(101430)[2].end * 86_400_000).toISOString().slice(0, 10);
  assert.equal(json.at(-1).EndTime.slice(0, 10), end);
  assert.ok(Date.parse(end) < NOW);
});

test("a_bucket_nobody_had_is_an_empty_list_and_an_account_nobody_has_is_an_error", async (t) => {
  const { wasabi } = await start(t);
  assert.equal((await wasabi(`${BUCKETS}/nothing`)).text, "[]");
  const { status, json } = await wasabi("/v1/accounts/1/utilizations/buckets");
  assert.deepEqual([status, Object.keys(json)], [404, ["Msg"]]);
  assert.deepEqual((await wasabi("/v1/else")).json, { Msg: "Not found" });
});

test("an_accounts_row_is_its_buckets_together_and_calls_of_no_bucket", async (t) => {
  const { wasabi } = await start(t);
  const [row] = (await wasabi(`${ACCOUNT}?from=2024-01-10&to=2024-01-11`)).json;
  const buckets = (await wasabi(`${BUCKETS}?from=2024-01-10&to=2024-01-11`)).json;
  const sum = (name) => buckets.reduce((total, bucket) => total + bucket[name], 0);
  assert.equal(row.UploadBytes, sum("UploadBytes"));
  // An empty bucket name is the list of buckets.
  assert.ok(row.NumLISTCalls > sum("NumLISTCalls"));
  assert.equal(row.NumAPICalls - sum("NumAPICalls"), row.NumLISTCalls - sum("NumLISTCalls"));
  assert.deepEqual(
    ["Bucket", "BucketNum", "Region", "BucketUtilizationNum"].filter((name) => name in row),
    [],
  );
  assert.equal("RegionalUtilizations" in row, false);
});

test("an_accounts_row_has_regions_if_they_are_requested", async (t) => {
  const { wasabi } = await start(t);
  const [row] = (await wasabi(`${ACCOUNT}?from=2024-01-10&to=2024-01-11&includeRegionalUtilizations=true`)).json;
  const regions = Object.values(row.RegionalUtilizations);
  assert.deepEqual(Object.keys(row.RegionalUtilizations).sort(), ["ap-northeast-1", "eu-central-1", "us-east-1", "us-west-1"]);
  assert.ok(regions.every((region) => !("StartTime" in region) && !("MinStorageChargeBytes" in region)));
  assert.ok(row.NumAPICalls > regions.reduce((total, { NumAPICalls }) => total + NumAPICalls, 0));
});

test("a_small_account_is_topped_up_to_a_terabyte", async (t) => {
  const { wasabi } = await start(t, { size: { wasabi: { buckets: 1 } } });
  const [row] = (await wasabi(`${ACCOUNT}?from=2024-01-10&to=2024-01-11`)).json;
  assert.equal(row.PaddedStorageSizeBytes + row.MetadataStorageSizeBytes + row.DeletedStorageSizeBytes + row.MinStorageChargeBytes, 2 ** 40);
});

test("an_invoices_rows_are_rolled_up_in_gib_days_of_32_bit_floats", async (t) => {
  const { wasabi, data } = await start(t);
  const invoice = data.wasabi.invoiceNumber(2024, 0);
  const { text, json } = await wasabi(`${BUCKETS}?invoice=${invoice}`);
  assert.deepEqual([json[0].StartTime, json[0].EndTime], ["2024-01-28T00:00:00Z", "2024-02-28T00:00:00Z"]);
  assert.deepEqual(
    ["BucketUtilizationNum", "CreateTime", "NumBillableObjects", "DeleteBytes", "DeleteGB"].filter((name) => name in json[0]),
    [],
  );
  for (const name of ["RawStorageSizeGBDays", "MetadataStorageSizeGBDays", "UploadGB"]) {
    for (const digits of numbersOf(text, name)) {
      const single = Math.fround(Number(digits));
      assert.ok(digits.replace(/e.*|[.-]/g, "").replace(/^0+/, "").length <= 9, digits);
      assert.equal(Math.fround(Number(single.toPrecision(9))), single);
    }
  }
  const daily = (await wasabi(`${BUCKETS}/media-0?from=2024-01-28&to=2024-02-28`)).json.filter(({ BucketNum }) => BucketNum === json[0].BucketNum);
  const bytes = daily.reduce((total, { RawStorageSizeBytes }) => total + RawStorageSizeBytes, 0);
  assert.equal(json[0].RawStorageSizeGBDays, Number(Math.fround(bytes / 2 ** 30).toPrecision(String(json[0].RawStorageSizeGBDays).replace(".", "").length)));
});

test("an_invoice_that_is_not_there_is_an_error", async (t) => {
  const { wasabi, data } = await start(t);
  for (const invoice of [1, "x", data.wasabi.invoiceNumber(2024, 5)]) {
    assert.equal((await wasabi(`${BUCKETS}?invoice=${invoice}`)).status, 404, invoice);
  }
});

test("levels_beyond_2_to_the_53_come_digit_for_digit", async (t) => {
  const { wasabi } = await start(t);
  const { text } = await wasabi(`${BUCKETS}/media-3?from=2024-01-01&to=2024-02-01`);
  assert.ok(numbersOf(text, "RawStorageSizeBytes").some((bytes) => BigInt(bytes) > 2n ** 53n && BigInt(Number(bytes)) !== BigInt(bytes)));
});

for (const [accounts, buckets, from, to] of [
  [1, 1, "2024-06-01", "2024-06-15"],
  [2, 12, "2021-06-01", "2022-06-01"],
  [3, 90, "2024-05-01", "2024-06-01"],
]) {
  test(`a_listing_is_exactly_the_expected_data (${accounts} × ${buckets} buckets)`, async (t) => {
    const { wasabi, expected, rows } = await start(t, { size: { wasabi: { accounts, buckets } } });
    const own = await wasabi(`${BUCKETS}?from=${from}&to=${to}`);
    assertExpected(totalsOf(own.table), expected("wasabi", { account: "101430", from, to }));
    assert.equal(own.json.length, rows("wasabi", { account: "101430", from, to }));
    const all = await wasabi(`/v1/utilizations/buckets?from=${from}&to=${to}`);
    assertExpected(totalsOf(all.table), expected("wasabi", { from, to }));
  });
}

test("a_name_an_account_and_an_invoice_are_exactly_the_expected_data", async (t) => {
  const { wasabi, expected, rows, data } = await start(t);
  const range = { from: "2024-01-01", to: "2024-04-01" };
  const query = "from=2024-01-01&to=2024-04-01";
  const invoice = String(data.wasabi.invoiceNumber(2024, 0));
  for (const [path, asked] of [
    [`${BUCKETS}/media-0?${query}`, { ...range, account: "101430", bucket: "media-0" }],
    [`${ACCOUNT}?${query}`, { ...range, account: "101430", level: "account" }],
    [`/v1/utilizations?${query}&includeRegionalUtilizations=true`, { ...range, level: "account", regional: true }],
    [`${BUCKETS}?invoice=${invoice}`, { invoice, account: "101430" }],
    [`/v1/utilizations/buckets?invoice=${invoice}`, { invoice }],
  ]) {
    const reply = await wasabi(path);
    assertExpected(totalsOf(reply.table), expected("wasabi", asked));
    assert.equal(reply.json.length, rows("wasabi", asked), path);
  }
});
