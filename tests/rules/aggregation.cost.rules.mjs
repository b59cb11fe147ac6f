// AGGREGATION: what a call costs is in proportion to what it was given.
import { fails, sum, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot }) => {
  const { normalize, aggregate, Aggregator } = meterglot;
  const AGES = { start: "0000-01-03T00:00:00Z", end: "9999-12-01T00:00:00Z" };
  const ages = (count = 1) => normalize(wasabi(...Array.from({ length: count }, (_, i) => ({ ...AGES, bucket: i, NumAPICalls: 12345 + i }))));
  const refused = (act, about) => fails({ assert, meterglot }, "limit-exceeded", act, about);

  rule("a_long_period_is_split_by_week_and_adds_up", () => {
    const rows = aggregate(normalize(wasabi({ ...AGES, start: "5000-01-06T00:00:00Z", NumAPICalls: 12345 })), { window: "week", split: "proportional" });
    assert.lengthOf(rows, 260883);
    const sums = [];
    for (let i = 0; i < rows.length; i += 10000) sums.push(sum(rows.slice(i, i + 10000).map(({ quantity }) => quantity)));
    assert.equal(sum(sums), "12345");
  });

  rule("more_digits_than_a_small_body_may_ask_for_are_refused", () => {
    refused(() => aggregate(ages(), { window: "week", split: "proportional", fractionDigits: 256 }), "256 digits");
    refused(() => aggregate(ages(), { window: "week", split: "proportional", fractionDigits: 256, units: { "api.calls": "{call}" } }), "256 digits of a unit");
  });

  rule("more_windows_than_a_small_body_may_ask_for_are_refused", () => {
    refused(() => aggregate(ages(30), { window: "week", split: "proportional" }), "30 rows");
    refused(() => aggregate(ages(30), { window: "week", split: "proportional", timeZone: "Europe/Zurich" }), "30 rows in a zone");
    refused(() => aggregate(ages(), { window: "day", split: "proportional" }), "days");
    const twoThousandYears = normalize(wasabi({ start: "0100-01-01T00:00:00Z", end: "2100-01-01T00:00:00Z", RawStorageSizeBytes: 7 }));
    refused(() => aggregate(twoThousandYears, { window: "day" }), "days of 2,000 years");
    refused(() => aggregate(twoThousandYears, { window: "day", timeZone: "Europe/Zurich" }), "days of 2,000 years in a zone");
  });

  rule("what_is_refused_says_what_to_ask_for", () => {
    const { message } = refused(() => aggregate(ages(30), { window: "week", split: "proportional" }));
    assert.include(message, "where");
    assert.include(message, "longer windows");
  });

  rule("two_readings_in_a_state_may_be_far_apart_but_not_in_every_window", () => {
    const spec = { window: "day" };
    const level = (start, bytes) => ({ start, end: start, RawStorageSizeBytes: bytes });
    const instants = [...normalize(wasabi(level("0001-01-01T00:00:00Z", 1), level("2300-01-01T00:00:00Z", 2)))].map((record) => ({ ...record, end: null }));
    const sender = new Aggregator(spec).push(instants);
    const state = sender.state();
    const receiver = new Aggregator(spec).merge(state);
    refused(() => receiver.finish(), "839,693 days, twice");
    const byYear = new Aggregator({ window: "year" }).push(instants);
    // The last instant holds as long as the one before it.
    assert.lengthOf(byYear.finish(), 4598);
  });

  rule("much_work_of_many_records_is_done", () => {
    // A month of each of 40 buckets by hour: 720 windows a number.
    const table = normalize(
      wasabi(
        ...Array.from({ length: 40 }, (_, i) => ({
          bucket: i,
          start: "2024-06-01T00:00:00Z",
          end: "2024-07-01T00:00:00Z",
          NumAPICalls: 720 * i,
          RawStorageSizeBytes: 5,
        })),
      ),
    );
    const rows = aggregate(table, { window: "hour", by: ["resource"], split: "proportional" });
    assert.lengthOf(rows, 2 * 40 * 720);
  });
};
