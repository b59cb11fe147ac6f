// METRICS: Wasabi's daily rows, invoice rows and account rows.
import { lazy, only, select } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const daily = lazy(() => normalize(fixture("provider-docs/wasabi-bucket-daily.json")));
  const invoice = lazy(() => normalize(fixture("provider-docs/wasabi-bucket-invoice.json")));
  const regions = lazy(() => normalize(fixture("made/wasabi-account-daily.regions.json")));

  const table = [
    ["RawStorageSizeBytes", "storage.stored", "gauge", "By", "1073741824"],
    ["PaddedStorageSizeBytes", "storage.padded", "gauge", "By", "1073741824"],
    ["MetadataStorageSizeBytes", "storage.metadata", "gauge", "By", "48"],
    ["DeletedStorageSizeBytes", "storage.deleted", "gauge", "By", "0"],
    ["OrphanedStorageSizeBytes", "storage.orphaned", "gauge", "By", "0"],
    ["NumBillableObjects", "storage.objects", "gauge", "{object}", "1"],
    ["NumBillableDeletedObjects", "storage.objects.deleted", "gauge", "{object}", "0"],
    ["NumAPICalls", "api.calls", "delta", "{call}", "88"],
    ["NumGETCalls", "api.calls.get", "delta", "{call}", "0"],
    ["NumHEADCalls", "api.calls.head", "delta", "{call}", "0"],
    ["NumPUTCalls", "api.calls.put", "delta", "{call}", "0"],
    ["NumLISTCalls", "api.calls.list", "delta", "{call}", "0"],
    ["NumDELETECalls", "api.calls.delete", "delta", "{call}", "0"],
    ["UploadBytes", "transfer.upload", "delta", "By", "716963101"],
    ["DownloadBytes", "transfer.download", "delta", "By", "76027"],
    ["StorageWroteBytes", "storage.written", "delta", "By", "714354119"],
    ["StorageReadBytes", "storage.read", "delta", "By", "0"],
    ["DeleteBytes", "storage.removed", "delta", "By", "0"],
  ];
  for (const [providerField, metric, kind, unit, quantity] of table) {
    rule(`wasabi_${providerField}_is_${metric}`, () => {
      assert.include(only(assert, daily(), { providerField }), { metric, kind, unit, quantity });
    });
  }

  rule("a_wasabi_row_gives_these_metrics_and_no_other", () => {
    assert.sameMembers(
      [...daily()].map(({ metric }) => metric),
      table.map(([, metric]) => metric),
    );
  });

  rule("a_documented_wasabi_row_gives_this_record", () => {
    const { id, ...record } = only(assert, daily(), { metric: "storage.stored" });
    assert.deepEqual(record, {
      provider: "wasabi",
      format: "wasabi.bucket-daily",
      account: "101430",
      resourceId: "1011096",
      resourceName: "jk",
      resourceType: "bucket",
      region: "us-west-1",
      metric: "storage.stored",
      providerField: "RawStorageSizeBytes",
      dimensions: {},
      kind: "gauge",
      quantity: "1073741824",
      unit: "By",
      cost: null,
      currency: null,
      start: "2019-12-26T00:00:00Z",
      end: "2019-12-27T00:00:00Z",
      utcOffset: "Z",
      partOf: null,
      pointer: "/0/RawStorageSizeBytes",
      page: 0,
      notes: [],
    });
  });

  const rolled = [
    ["RawStorageSizeGBDays", "storage.stored", "integral", "GiBy.d", "30"],
    ["PaddedStorageSizeGBDays", "storage.padded", "integral", "GiBy.d", "30"],
    ["MetadataStorageSizeGBDays", "storage.metadata", "integral", "GiBy.d", "0.0000013411045"],
    ["DeletedStorageSizeGBDays", "storage.deleted", "integral", "GiBy.d", "30"],
    ["OrphanedStorageSizeGB", "storage.orphaned", "gauge", "GiBy", "0"],
    ["UploadGB", "transfer.upload", "delta", "GiBy", "33.391403"],
    ["DownloadGB", "transfer.download", "delta", "GiBy", "16.669865"],
    ["StorageWroteGB", "storage.written", "delta", "GiBy", "33.268597"],
    ["StorageReadGB", "storage.read", "delta", "GiBy", "16.634298"],
  ];
  for (const [providerField, metric, kind, unit, quantity] of rolled) {
    rule(`wasabi_invoice_${providerField}_is_${metric}_from_a_32_bit_float`, () => {
      const record = only(assert, invoice(), { providerField, resourceId: "18298" });
      assert.include(record, { metric, kind, unit, quantity });
      assert.deepEqual(record.notes, ["float32-source"]);
    });
  }

  rule("counts_in_an_invoice_row_are_whole_and_carry_no_note", () => {
    for (const [providerField, metric, quantity] of [
      ["NumAPICalls", "api.calls", "6522"],
      ["NumGETCalls", "api.calls.get", "2115"],
      ["NumPUTCalls", "api.calls.put", "4244"],
      ["NumDELETECalls", "api.calls.delete", "1"],
      ["NumLISTCalls", "api.calls.list", "1"],
      ["NumHEADCalls", "api.calls.head", "18"],
    ]) {
      const record = only(assert, invoice(), { providerField, resourceId: "18298" });
      assert.include(record, { metric, kind: "delta", unit: "{call}", quantity });
      assert.deepEqual(record.notes, []);
    }
  });

  rule("an_invoice_row_runs_over_its_own_period", () => {
    assert.equal(invoice().format, "wasabi.bucket-invoice");
    assert.equal(invoice().length, 30);
    for (const record of invoice()) {
      assert.include(record, { account: "11681", start: "2019-11-28T00:00:00Z", end: "2019-12-28T00:00:00Z", resourceType: "bucket", region: "us-east-1" });
    }
    assert.equal(only(assert, invoice(), { metric: "api.calls", resourceId: "18299" }).resourceName, "partner.jkc");
  });

  rule("a_gb_of_wasabi_is_two_to_the_thirtieth", () => {
    const metadata = only(assert, invoice(), { providerField: "MetadataStorageSizeGBDays", resourceId: "18298" });
    // 48 bytes for 30 days are 1440, as far as seven digits go.
    assert.equal(meterglot.convert(metadata.quantity, metadata.unit, "By.d"), "1439.999992004608");
  });

  rule("an_account_row_has_no_bucket", () => {
    const table = normalize(fixture("made/wasabi-account-daily.json"));
    assert.deepEqual([table.format, table.length], ["wasabi.account-daily", 19]);
    for (const record of table)
      assert.include(record, {
        account: "7363",
        resourceId: null,
        resourceName: null,
        resourceType: "account",
        region: null,
        partOf: record.metric.startsWith("api.calls.") ? "api.calls" : null,
      });
  });

  rule("the_minimum_charge_is_storage_minimum_a_gauge", () => {
    const table = normalize(fixture("made/wasabi-account-daily.json"));
    assert.include(only(assert, table, { providerField: "MinStorageChargeBytes" }), {
      metric: "storage.minimum",
      kind: "gauge",
      unit: "By",
      quantity: "777389080432",
    });
    const parts = ["storage.padded", "storage.metadata", "storage.deleted", "storage.minimum"].map((metric) =>
      BigInt(only(assert, table, { metric }).quantity),
    );
    assert.equal(
      parts.reduce((a, b) => a + b),
      2n ** 40n,
    );
  });

  rule("regional_utilizations_give_one_set_of_records_a_region", () => {
    assert.equal(regions().length, 19 + 18 + 18);
    assert.deepEqual(
      [...regions()]
        .filter(({ metric }) => metric === "api.calls")
        .map(({ region, quantity }) => [region, quantity])
        .sort(),
      [
        ["us-east-1", "132"],
        ["us-west-1", "88"],
        [null, "223"],
      ].sort(),
    );
    const east = only(assert, regions(), { metric: "api.calls", region: "us-east-1" });
    assert.include(east, {
      account: "7363",
      resourceType: "account",
      resourceId: null,
      start: "2019-12-26T00:00:00Z",
      end: "2019-12-27T00:00:00Z",
      utcOffset: "Z",
      pointer: "/0/RegionalUtilizations/us-east-1/NumAPICalls",
    });
  });

  rule("two_buckets_of_one_name_are_two_resources", () => {
    const table = normalize(fixture("made/wasabi-same-name-twice.json"));
    assert.deepEqual(
      select(table, { metric: "api.calls" }).map(({ resourceId, resourceName, region }) => [resourceId, resourceName, region]),
      [
        ["1011082", "jk", "us-east-1"],
        ["1011096", "jk", "us-west-1"],
      ],
    );
    assert.equal(table.duplicates, 0);
  });

  rule("a_renamed_bucket_keeps_the_name_it_was_sent_with", () => {
    const names = select(normalize(fixture("made/wasabi-deleted-bucket.json")), { metric: "api.calls" }).map(({ resourceName }) => resourceName);
    assert.deepEqual(names, ["1.photos", "photos"]);
  });

  rule("a_null_or_missing_field_makes_no_record", () => {
    const table = normalize(fixture("made/wasabi-null-and-missing.json"));
    assert.lengthOf(select(table, { metric: "storage.stored" }), 0);
    assert.lengthOf(select(table, { metric: "transfer.upload" }), 0);
    assert.equal(only(assert, table, { metric: "api.calls" }).region, null);
    assert.lengthOf(table.issues, 0);
  });

  rule("rows_of_the_stats_api_are_the_same_rows_in_an_envelope", () => {
    const table = normalize(fixture("made/wasabi-stats-envelope.json"));
    assert.deepEqual([table.format, table.length], ["wasabi.bucket-daily", 36]);
    assert.deepEqual(
      select(table, { metric: "api.calls" }).map(({ quantity }) => quantity),
      ["132", "88"],
    );
    assert.deepEqual(table.page, { number: 0, size: 2, offset: null, totalRows: 3, hasNext: true });
    assert.isFalse(normalize(fixture("made/wasabi-stats-last-page.json")).page.hasNext);
  });
};
