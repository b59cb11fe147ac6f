// docs/design.md#checks: the figures that a reply states about itself, compared with the records.
import { barracuda, bytes, cloudsigmaDaily, devicewise, onapp, wasabi, wasabiRow } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { Listing, normalize } = meterglot;
  const checks = (body, options) => normalize(body, options).checks();

  rule("barracuda_count_is_compared_with_the_rows", () => {
    assert.deepEqual(checks(fixture("provider-docs/barracuda-usage-history.json")), [
      { name: "rows", expected: "100", actual: "2", ok: false, pointer: "/count" },
    ]);
    assert.deepEqual(checks(fixture("provider-docs/barracuda-usage-history.xml")), [
      { name: "rows", expected: "100", actual: "2", ok: false, pointer: "/list/@count" },
    ]);
    assert.deepEqual(checks(fixture("made/barracuda-dst-spring.json")), [{ name: "rows", expected: "3", actual: "3", ok: true, pointer: "/count" }]);
  });

  rule("rows_are_counted_over_the_whole_listing", () => {
    const [one, two] = [fixture("made/barracuda-pages-1.json"), fixture("made/barracuda-pages-2.json")];
    assert.deepEqual(checks([one, two]), [{ name: "rows", expected: "3", actual: "3", ok: true, pointer: "/count" }]);
    assert.deepEqual(checks(one), [{ name: "rows", expected: "3", actual: "2", ok: false, pointer: "/count" }]);
    assert.deepEqual(checks([fixture("made/cloudsigma-daily.page-1.json"), fixture("made/cloudsigma-daily.page-2.json")]), [
      { name: "rows", expected: "3", actual: "3", ok: true, pointer: "/meta/total_count" },
    ]);
  });

  rule("the_counts_of_several_listings_in_one_table_are_added", () => {
    const rows = (body, options) => {
      const all = checks(body, options).filter(({ name }) => name === "rows");
      return all.map(({ expected, actual, ok }) => [expected, actual, ok]);
    };
    // Slices of a period: each counts its rows on its page 0.
    const bucket = (day, bucket) => wasabiRow({ start: `2024-0${day}-01T00:00:00Z`, end: `2024-0${day}-02T00:00:00Z`, bucket, NumAPICalls: 1 });
    const stats = (PageNum, RecordCount, ...of) =>
      `{"PageInfo":${JSON.stringify({ RecordCount, PageCount: 0, PageSize: 2, PageNum })},"Records":[${of.join(",")}]}`;
    const january = [stats(0, 3, bucket(1, 1), bucket(1, 2)), stats(1, 0, bucket(1, 3))];
    const march = [stats(0, 3, bucket(3, 1), bucket(3, 2)), stats(1, 0, bucket(3, 3))];
    assert.deepEqual(rows([...january, ...march]), [["6", "6", true]]);
    assert.deepEqual(rows([january[0], ...march]), [["6", "5", false]], "a page of the first listing is missing");
    assert.deepEqual(rows([...january, march[0]]), [["6", "5", false]], "a page of the last listing is missing");
    assert.deepEqual(rows([...january, january[0], ...march, march[1]]), [["6", "6", true]], "pages that are given twice");
    assert.deepEqual(rows([...january, stats(0, 0), ...march]), [["6", "6", true]], "a slice without rows");
    const faulty = march[0].replaceAll('"NumAPICalls":1', '"NumAPICalls":"x"');
    assert.deepEqual(rows([...january, faulty, march[1]], { onError: "collect" }), [["6", "4", false]], "a first page without a sound row");
    // Two accounts of Barracuda, two locations of CloudSigma.
    const year = (user, n) => barracuda([[`${2010 + n}-01-01T00:00:00-05:00`, 1]], { user, page: n, count: 2 });
    assert.deepEqual(rows([year("a", 1), year("a", 2), year("b", 1), year("b", 2)]), [["4", "4", true]]);
    const daily = (type, offset) => cloudsigmaDaily([["2024-01-15", `${type}${offset}`, 1, "1"]], { limit: 1, offset, total_count: 2 });
    assert.deepEqual(rows([daily("ip", 0), daily("ip", 1), daily("vlan", 0), daily("vlan", 1)]), [["4", "4", true]]);
    // A listing that states nothing has no part in the check.
    const bare = wasabi({ start: "2024-05-01T00:00:00Z", end: "2024-05-02T00:00:00Z", NumAPICalls: 1 });
    for (const bodies of [
      [bare, ...january],
      [...january, bare],
    ])
      assert.deepEqual(rows(bodies), [["3", "3", true]]);
    const listing = new Listing({ to: "table" });
    for (const body of [...january, ...march]) {
      listing.begin({});
      listing.push(bytes(body));
      listing.end();
    }
    assert.deepEqual(listing.finish().checks(), [{ name: "rows", expected: "6", actual: "6", ok: true, pointer: "/PageInfo/RecordCount" }]);
  });

  rule("a_page_given_twice_counts_its_rows_once", () => {
    const one = fixture("made/barracuda-pages-1.json");
    assert.deepEqual(checks([one, one, fixture("made/barracuda-pages-2.json")])[0], { name: "rows", expected: "3", actual: "3", ok: true, pointer: "/count" });
  });

  rule("cloudsigma_total_count_is_compared_with_the_rows", () => {
    assert.deepEqual(checks(fixture("provider-docs/cloudsigma-daily-burst-usage.json")), [
      { name: "rows", expected: "4", actual: "4", ok: true, pointer: "/meta/total_count" },
    ]);
    assert.deepEqual(checks(fixture("made/cloudsigma-daily.total-count-zero.json")), [
      { name: "rows", expected: "0", actual: "1", ok: false, pointer: "/meta/total_count" },
    ]);
    assert.deepEqual(checks(cloudsigmaDaily([["2024-01-15", "cpu", 1, "0"]], { total_count: 21 })), [
      { name: "rows", expected: "21", actual: "1", ok: false, pointer: "/meta/total_count" },
    ]);
  });

  rule("an_empty_listing_is_compared_with_a_count_of_zero", () => {
    assert.deepEqual(checks(fixture("made/barracuda-empty-list.json")), [{ name: "rows", expected: "0", actual: "0", ok: true, pointer: "/count" }]);
    assert.deepEqual(checks(fixture("made/barracuda-empty-list.xml")), [{ name: "rows", expected: "0", actual: "0", ok: true, pointer: "/list/@count" }]);
  });

  rule("devicewise_total_is_compared_with_the_counters", () => {
    assert.deepEqual(checks(fixture("made/devicewise-hourly.json")), [{ name: "total", expected: "12", actual: "12", ok: true, pointer: "/get/params/total" }]);
    assert.deepEqual(checks(fixture("made/devicewise-api-history.without-ellipsis.json")), [
      { name: "total", expected: "42", actual: "1", ok: false, pointer: "/get/params/total" },
    ]);
  });

  rule("devicewise_total_is_checked_command_by_command", () => {
    const found = checks(fixture("made/devicewise-mixed-batch.json"), { onError: "collect" });
    assert.sameDeepMembers(found, [
      { name: "total", expected: "3", actual: "3", ok: true, pointer: "/get/params/total" },
      { name: "total", expected: "7", actual: "7", ok: true, pointer: "/3/params/total" },
    ]);
  });

  rule("devicewise_total_sums_orgs_and_services_alike", () => {
    for (const [name, total] of [
      ["services", "21"],
      ["totals", "14"],
      ["numbers", "14"],
    ]) {
      assert.deepEqual(
        checks(fixture(`made/devicewise-org-${name}.json`)),
        [{ name: "total", expected: total, actual: total, ok: true, pointer: "/1/params/total" }],
        name,
      );
    }
  });

  rule("devicewise_total_is_compared_with_the_table", () => {
    const ts = ["2024-01-20T08:00:00Z", "2024-01-20T09:00:00Z"];
    const of = (counters, total, times = ts) =>
      checks(devicewise(counters, times, { total }), { onError: "collect" }).map(({ expected, actual, ok }) => [expected, actual, ok]);
    assert.deepEqual(of({ usage: [1, 2], location: [4, 5, 6] }, 18), [["18", "3", false]], "a counter that is longer than ts");
    assert.deepEqual(of({ usage: [1, "x"], location: [4, 5] }, 12), [["12", "10", false]], "a value that is not a number");
    assert.deepEqual(of({ usage: [1, 2] }, 3, [ts[0], "soon"]), [["3", "1", false]], "a value whose time cannot be read");
    assert.deepEqual(of({ usage: [1, 2] }, 3, [ts[0], ts[0]]), [["3", "1", false]], "a value that contradicts another");
    assert.deepEqual(of({ usage: [2, 2] }, 4, [ts[0], ts[0]]), [["4", "4", true]], "a value that was read before stands");
    assert.deepEqual(of({ usage: [1, null] }, 1), [["1", "1", true]]);
    assert.deepEqual(of({}, 3), [["3", "0", false]]);
    assert.deepEqual(of(null, 0), [["0", "0", true]]);
  });

  rule("a_total_beyond_every_machine_word_is_exact", () => {
    const body = `{"1":{"success":true,"params":{"counters":{"usage":[18446744073709551615,18446744073709551615]},"total":36893488147419103230,"ts":["2024-01-20T08:00:00Z","2024-01-20T09:00:00Z"]}}}`;
    assert.deepEqual(checks(body), [{ name: "total", expected: "36893488147419103230", actual: "36893488147419103230", ok: true, pointer: "/1/params/total" }]);
  });

  rule("onapp_total_cost_is_compared_with_its_two_parts", () => {
    assert.deepEqual(
      checks(fixture("provider-docs/onapp-user-statistics-period.xml")),
      [1, 2].map((n) => ({ name: "cost.total", expected: "0", actual: "0", ok: true, pointer: `/user_stats/user_stat[${n}]/total_cost` })),
    );
    assert.deepEqual(checks(fixture("made/onapp-total-disagrees.xml")), [
      { name: "cost.total", expected: "4", actual: "3", ok: false, pointer: "/user_stats/user_stat[1]/total_cost" },
    ]);
  });

  rule("onapp_totals_are_equal_at_fifteen_significant_digits", () => {
    assert.deepEqual(checks(fixture("made/onapp-total-cut-to-15-digits.xml")), [
      { name: "cost.total", expected: "96500.0004196997", actual: "96500.00041969971744038", ok: true, pointer: "/user_stats/user_stat[1]/total_cost" },
    ]);
    assert.deepEqual(checks(fixture("made/onapp-exponents.json")), [
      {
        name: "cost.total",
        expected: "349000004833101000000000000",
        actual: "349000004833101000000000000.0000001",
        ok: true,
        pointer: "/0/user_stat/total_cost",
      },
    ]);
  });

  rule("a_difference_in_the_fifteenth_digit_is_reported", () => {
    const hour = (vm, total) =>
      onapp([
        ["vm_cost", vm],
        ["user_resources_cost", "0"],
        ["total_cost", total],
        ["user_id", "4"],
        ["stat_time", "2012-03-13T11:43:36Z"],
      ]);
    assert.isFalse(checks(hour("96500.0004196997", "96500.0004196998"))[0].ok);
    assert.isTrue(checks(hour("96500.00041969971", "96500.00041969972"))[0].ok);
    assert.isFalse(checks(hour("0", "0.000001"))[0].ok);
  });

  rule("a_statement_with_a_part_missing_is_not_checked", () => {
    assert.deepEqual(checks(fixture("made/onapp-mixed-currencies.xml")), []);
  });

  rule("what_a_provider_does_not_state_is_not_checked", () => {
    assert.deepEqual(checks(fixture("provider-docs/wasabi-bucket-daily.json")), []);
    assert.deepEqual(checks(fixture("made/cloudsigma-burst-usage.json")), []);
    assert.deepEqual(checks(devicewise({ usage: [1] }, ["2024-01-20T08:00:00Z"], { total: null })), []);
  });
};
