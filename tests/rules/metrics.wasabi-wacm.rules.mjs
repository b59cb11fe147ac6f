// METRICS: Wasabi's usages by WACM Connect.
import { fails, only, select } from "./support.mjs";

const URL = "https://api.wacm.wasabisys.com/v1/usages?from=2024-01-15&size=2";
const PAGES = ["made/wasabi-wacm-usages.json", "made/wasabi-wacm-usages.page-2.json"];

export default (tools) => {
  const { rule, assert, meterglot, fixture } = tools;
  const { detect, nextRequest, normalize } = meterglot;

  rule("a_wacm_usage_is_a_day_of_an_account_with_its_units", () => {
    const table = normalize(fixture(PAGES[0]));
    const day = select(table, { start: "2024-01-15T00:00:00Z" });
    assert.deepEqual(
      day.map(({ providerField, metric, kind, quantity, unit }) => [providerField, metric, kind, quantity, unit]),
      [
        ["activeStorage", "storage.active", "gauge", "0.09765625004", "TiBy"],
        ["deletedStorage", "storage.deleted", "gauge", "0", "TiBy"],
        ["storageWrote", "storage.written", "delta", "0.5", "TiBy"],
        ["storageRead", "storage.read", "delta", "0.25", "TiBy"],
        ["activeObjects", "storage.objects", "gauge", "31507", "{object}"],
        ["deletedObjects", "storage.objects.deleted", "gauge", "2", "{object}"],
        ["egress", "transfer.download", "delta", "1.5", "GiBy"],
        ["ingress", "transfer.upload", "delta", "3", "GiBy"],
        ["apiCalls", "api.calls", "delta", "88", "{call}"],
      ],
    );
    for (const record of day) {
      assert.include(record, { account: "100042", resourceId: null, resourceName: "Archive", resourceType: "account", end: "2024-01-16T00:00:00Z" });
      assert.deepEqual(record.notes, ["assumed-utc"]);
    }
    // A field that is null gives no record.
    assert.lengthOf(select(table, { metric: "storage.deleted" }), 1);
  });

  rule("a_wacm_bucket_is_identified_by_its_number", () => {
    const records = [...normalize(fixture("made/wasabi-wacm-buckets.json"), { request: "https://api.wacm.wasabisys.com/v1/sub-accounts/54/buckets" })];
    const calls = records.filter(({ metric }) => metric === "api.calls");
    assert.deepEqual(
      calls.map(({ resourceId, resourceName, resourceType, region, account, dimensions }) => [
        resourceId,
        resourceName,
        resourceType,
        region,
        account,
        dimensions,
      ]),
      [
        ["1011082", "photos", "bucket", "us-east-1", null, { subAccount: "54" }],
        ["1011096", "photos", "bucket", "us-west-1", null, { subAccount: "54" }],
      ],
    );
  });

  rule("values_of_wacm_may_be_strings_and_a_misplaced_time_is_no_quantity", () => {
    const table = normalize(fixture("made/wasabi-wacm-usages.strings.json"));
    assert.include(only(assert, table, { metric: "storage.active" }), { quantity: "1.25", unit: "TiBy", account: "100007", end: "2024-01-15T00:00:00Z" });
    const error = fails(tools, "invalid-number", () => normalize(fixture("made/wasabi-wacm-usages.misplaced-time.json")));
    assert.equal(error.pointer, "/data/items/0/ingress");
  });

  rule("pages_of_wacm_follow_and_their_rows_are_compared_with_the_total", () => {
    const [first, second] = PAGES.map((name) => fixture(name));
    assert.deepEqual(normalize(first).page, { number: 1, size: 2, offset: null, totalRows: 3, hasNext: true });
    assert.equal(nextRequest(first, { request: URL }).url, `${URL}&page=2`);
    assert.isNull(nextRequest(second, { request: `${URL}&page=2` }));
    const check = { name: "rows", expected: "3", pointer: "/data/total" };
    assert.deepEqual(normalize([first, second]).checks(), [{ ...check, actual: "3", ok: true }]);
    assert.deepEqual(normalize(first).checks(), [{ ...check, actual: "2", ok: false }]);
  });

  rule("an_empty_listing_of_wacm_and_one_without_times_are_recognized", () => {
    const empty = '{"success":true,"data":{"items":[]}}';
    assert.deepEqual(detect(empty), { provider: "wasabi", format: "wasabi.wacm-usages", encoding: "json" });
    assert.equal(normalize(empty).length, 0);
    const error = fails(tools, "missing-field", () => normalize('{"success":true,"data":{"items":[{"activeStorage":1,"deletedStorage":0}]}}'));
    assert.include(error.message, "startTime");
  });
};
