// The rules of Wasabi's Stats API (docs/formats.md#wasabi): both keys in one header, pages from 0 of at most 100 rows, a count on the first alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertExpected, start, totalsOf } from "./support.mjs";

const ACCOUNT = "/v1/standalone/utilizations";
const BUCKETS = `${ACCOUNT}/bucket`;
const WEEK = "from=2024-03-01&to=2024-03-08";
const days = ({ json }) => [...new Set(json.Records.map(({ StartTime }) => StartTime.slice(0, 10)))];

test("both_keys_are_in_authorization_unchanged", async (t) => {
  const { wasabiStats, credentials } = await start(t);
  const { accessKey, secretKey } = credentials.wasabiStats;
  const basic = `Basic ${btoa(`${accessKey}:${secretKey}`)}`;
  for (const authorization of ["", accessKey, `${secretKey}:${accessKey}`, `Bearer ${accessKey}:${secretKey}`, basic]) {
    const { status, json } = await wasabiStats(BUCKETS, { headers: { authorization } });
    assert.deepEqual([status, json], [401, { message: "Unauthorized" }], authorization);
  }
  assert.equal((await wasabiStats(`${BUCKETS}?latest=true`)).status, 200);
});

test("a_page_has_at_most_100_rows_and_the_first_alone_counts", async (t) => {
  const { wasabiStats } = await start(t, { size: { wasabi: { buckets: 36 } } });
  const info = async (query) => {
    const { json } = await wasabiStats(`${BUCKETS}?${WEEK}${query}`);
    return [json.PageInfo, json.Records.length];
  };
  const rows = 7 * 32;
  assert.deepEqual(await info(""), [{ RecordCount: rows, PageCount: 3, PageSize: 100, PageNum: 0 }, 100]);
  assert.deepEqual(await info("&pageNum=2"), [{ RecordCount: 0, PageCount: 0, PageSize: 100, PageNum: 2 }, rows - 200]);
  assert.deepEqual(await info("&pageNum=3"), [{ RecordCount: 0, PageCount: 0, PageSize: 100, PageNum: 3 }, 0]);
  assert.deepEqual(await info("&pageSize=30&pageNum=1"), [{ RecordCount: 0, PageCount: 0, PageSize: 30, PageNum: 1 }, 30]);
  for (const size of [0, 101, 1000]) {
    assert.equal((await info(`&pageSize=${size}`))[1], 100);
  }
});

test("to_is_exclusive_and_a_range_has_at_most_60_days", async (t) => {
  const { wasabiStats } = await start(t);
  assert.deepEqual(days(await wasabiStats(`${BUCKETS}?from=2024-01-10&to=2024-01-12&pageSize=100`)), ["2024-01-10", "2024-01-11"]);
  assert.equal((await wasabiStats(`${ACCOUNT}?from=2024-01-01&to=2024-03-01`)).json.Records.length, 60);
  for (const query of ["from=2024-01-01&to=2024-03-02", "from=2023-01-01", "from=2024-02-30", "to=x", `${WEEK}&pageNum=-1`, `${WEEK}&pageSize=x`]) {
    const { status, json } = await wasabiStats(`${ACCOUNT}?${query}`);
    assert.deepEqual([status, Object.keys(json)], [400, ["message"]], query);
  }
});

test("without_dates_there_are_the_last_days_and_latest_is_the_last_of_them", async (t) => {
  const { wasabiStats } = await start(t);
  const all = days(await wasabiStats(ACCOUNT));
  assert.deepEqual([all[0], all.at(-1)], ["2024-05-16", "2024-06-14"]);
  assert.deepEqual(days(await wasabiStats(`${ACCOUNT}?latest=true`)), ["2024-06-14"]);
});

test("what_is_not_there_is_an_error_and_a_bucket_nobody_had_is_an_empty_list", async (t) => {
  const { wasabiStats } = await start(t);
  assert.deepEqual((await wasabiStats("/v1/utilizations")).json, { message: "Not Found" });
  const { json } = await wasabiStats(`${BUCKETS}/nothing?${WEEK}`);
  assert.deepEqual(json, { PageInfo: { RecordCount: 0, PageCount: 0, PageSize: 100, PageNum: 0 }, Records: [] });
});

test("the_pages_of_a_listing_are_exactly_the_expected_data_of_one_account", async (t) => {
  const { wasabiStats, expected, credentials } = await start(t, { size: { wasabi: { accounts: 2, buckets: 40 } } });
  const { account } = credentials.wasabiStats;
  const range = { from: "2024-03-01", to: "2024-03-08", account };
  const tables = async (path, query) => {
    const pages = [];
    for (let page = 0; pages.at(-1)?.json.Records.length !== 0; page += 1) {
      pages.push(await wasabiStats(`${path}?${WEEK}&pageNum=${page}${query}`));
    }
    return pages.filter(({ json }) => json.Records.length > 0).map(({ table }) => table);
  };
  assertExpected(totalsOf(await tables(BUCKETS, "")), expected("wasabi", range));
  assertExpected(totalsOf(await tables(`${BUCKETS}/media-0`, "&pageSize=3")), expected("wasabi", { ...range, bucket: "media-0" }));
  assertExpected(totalsOf(await tables(ACCOUNT, "&includeRegionalUtilizations=true")), expected("wasabi", { ...range, level: "account", regional: true }));
});

test("a_listing_that_is_spoiled_is_as_the_kind_says", async (t) => {
  const client = await start(t);
  const page = async (number) => (await client.wasabiStats(`${BUCKETS}?${WEEK}&pageSize=5&pageNum=${number}`)).json;
  const [first, second] = [await page(0), await page(1)];
  client.injectFault("wasabiStats", { kind: "not-counted" });
  assert.deepEqual(await page(0), { ...first, PageInfo: { ...first.PageInfo, RecordCount: 0, PageCount: 0 } });
  client.injectFault("wasabiStats", { kind: "row-doubled" });
  assert.deepEqual((await page(0)).Records, [first.Records[0], ...first.Records]);
  client.injectFault("wasabiStats", { kind: "row-removed" });
  await page(0);
  assert.deepEqual((await page(1)).Records.slice(0, 4), second.Records.slice(1));
  client.injectFault("wasabiStats", { kind: "row-inserted" });
  const shifted = await page(0);
  assert.deepEqual([shifted.Records.at(-1), shifted.PageInfo.RecordCount], [second.Records[0], first.PageInfo.RecordCount - 1]);
  client.injectFault("wasabiStats", { kind: "endless-next" });
  assert.ok((await page(1000)).Records.length > 0);
});
