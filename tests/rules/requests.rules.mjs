// nextRequest: the request that follows a reply.
import { BARRACUDA_URL, devicewise, devicewiseRequest, fails, text } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { nextRequest } = meterglot;
  const next = (name, request) => nextRequest(fixture(name), { request });
  const query = (request) => Object.fromEntries(new URL(request.url).searchParams);

  rule("barracuda_keeps_its_own_query_and_takes_only_the_page", () => {
    const request = next("made/barracuda-pages-1.json", `${BARRACUDA_URL}?start_date=2024-01-01&resolution=DAY&page_size=2&page=1`);
    assert.equal(request.method, "GET");
    assert.deepEqual(query(request), { start_date: "2024-01-01", resolution: "DAY", page_size: "2", page: "2" });
    assert.equal(new URL(request.url).origin + new URL(request.url).pathname, BARRACUDA_URL);
    assert.isUndefined(request.body);
  });

  rule("barracuda_adds_the_page_where_the_query_has_none", () => {
    assert.deepEqual(query(next("made/barracuda-pages-1.json", BARRACUDA_URL)), { page: "2" });
    assert.deepEqual(query(next("made/barracuda-pages-1.json", { url: `${BARRACUDA_URL}?resolution=WEEK` })), { resolution: "WEEK", page: "2" });
  });

  rule("barracuda_asks_again_for_the_encoding_it_got", () => {
    const url = "https://api.intronis.com/v1/partners/barracuda/usage_history";
    assert.deepEqual(next("provider-docs/barracuda-usage-history.json", url).headers, { Accept: "application/json" });
    assert.deepEqual(next("provider-docs/barracuda-usage-history.xml", url).headers, { Accept: "application/xml" });
    assert.deepEqual(query(next("provider-docs/barracuda-usage-history.xml", url)), { page: "2" });
  });

  rule("barracuda_ends_where_no_link_says_next", () => {
    assert.isNull(next("made/barracuda-pages-2.json", `${BARRACUDA_URL}?page=2`));
    assert.isNull(next("made/barracuda-open-rels.json", BARRACUDA_URL));
    assert.isNull(next("made/barracuda-empty-list.json", BARRACUDA_URL));
  });

  rule("barracuda_reads_a_rel_in_any_case_and_a_relative_link", () => {
    const body = text(fixture("made/barracuda-pages-1.json"));
    const link = "https://api.intronis.com/v1/partners/acme/usage_history?page=2";
    for (const href of [link, "?page=2", "usage_history?page=2", "../acme/usage_history?page=2", "/v1/partners/acme/usage_history?page=2"]) {
      for (const rel of ["next", "Next", "NEXT"]) {
        const altered = body.replace(link, href).replace('"next"', `"${rel}"`);
        assert.deepEqual(query(nextRequest(altered, { request: BARRACUDA_URL })), { page: "2" }, `${rel} ${href}`);
      }
    }
  });

  rule("barracuda_says_that_there_is_more_where_the_link_cannot_be_followed", () => {
    const body = text(fixture("made/barracuda-pages-1.json")).replace("usage_history?page=2", "usage_history?cursor=abc");
    const table = meterglot.normalize(body);
    assert.isTrue(table.page.hasNext);
    table.free();
    assert.isNull(nextRequest(body, { request: BARRACUDA_URL }));
  });

  rule("an_escaped_link_is_read", () => {
    assert.deepEqual(query(next("made/barracuda-entities.xml", "https://api.intronis.com/v1/partners/r&d/usage_history?order_dir=ASC")), {
      order_dir: "ASC",
      page: "2",
    });
  });

  rule("a_next_request_never_leaves_the_origin", () => {
    for (const href of [
      "https://evil.test/v1/partners/acme/usage_history?page=2",
      "//evil.test/?page=2",
      "http://api.intronis.com/v1/partners/acme/usage_history?page=2",
      "https://api.intronis.com@evil.test/?page=2",
      "javascript:alert(1)?page=2",
      "/v1/partners/other/usage_history?page=2",
    ]) {
      const body = text(fixture("made/barracuda-pages-1.json")).replace("https://api.intronis.com/v1/partners/acme/usage_history?page=2", href);
      const request = nextRequest(body, { request: `${BARRACUDA_URL}?resolution=DAY` });
      if (request === null) continue;
      assert.equal(request.url, `${BARRACUDA_URL}?resolution=DAY&page=2`, href);
    }
    const kept = nextRequest(fixture("made/barracuda-pages-1.json"), { request: "https://mirror.test:8443/v1/partners/acme/usage_history" });
    assert.equal(new URL(kept.url).origin, "https://mirror.test:8443");
  });

  rule("cloudsigma_moves_its_offset_by_the_rows_it_got", () => {
    const url = "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/?date__gt=2024-01-15&date__lt=2024-01-19&limit=2";
    const request = next("made/cloudsigma-daily.page-1.json", url);
    assert.equal(request.method, "GET");
    assert.deepEqual(query(request), { date__gt: "2024-01-15", date__lt: "2024-01-19", limit: "2", offset: "2" });
    assert.isNull(next("made/cloudsigma-daily.page-2.json", request.url));
  });

  rule("cloudsigma_ends_where_everything_was_read", () => {
    const url = "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/";
    for (const name of [
      "provider-docs/cloudsigma-daily-burst-usage.json",
      "made/cloudsigma-daily-empty.json",
      "made/cloudsigma-resource-types.json",
      "made/cloudsigma-daily.total-count-zero.json",
    ])
      assert.isNull(next(name, url), name);
    assert.isNull(next("made/cloudsigma-burst-usage.json", "https://zrh.cloudsigma.com/api/2.0/burstusage/"));
    assert.isNull(nextRequest('{"meta":{"limit":2,"offset":2,"total_count":9},"objects":[]}', { request: url }), "no rows, no end in sight");
  });

  rule("wasabi_sends_the_whole_set_at_once", () => {
    assert.isNull(next("provider-docs/wasabi-bucket-daily.json", "https://partner.wasabisys.com/v1/accounts/101430/utilizations/buckets/jk"));
    assert.isNull(next("provider-docs/wasabi-bucket-invoice.json", "https://partner.wasabisys.com/v1/utilizations/buckets?invoice=9826"));
  });

  rule("the_stats_api_counts_its_pages_from_zero", () => {
    const url = "https://stats.wasabisys.com/v1/standalone/utilizations/bucket?from=2019-12-26&to=2019-12-28&pageSize=2";
    const request = next("made/wasabi-stats-envelope.json", url);
    assert.deepEqual(query(request), { from: "2019-12-26", to: "2019-12-28", pageSize: "2", pageNum: "1" });
    assert.isNull(next("made/wasabi-stats-last-page.json", request.url));
  });

  rule("onapp_has_no_pages", () => {
    assert.isNull(next("provider-docs/onapp-user-statistics-period.xml", "https://onapp.test/users/4/user_statistics.xml?hourly_stats"));
    assert.isNull(next("made/onapp-summary.json", "https://onapp.test/users/4/user_statistics.json"));
  });

  rule("devicewise_has_no_pages_below_its_cap", () => {
    assert.isNull(next("made/devicewise-hourly.json", devicewiseRequest({ start: "2024-01-20T00:00:00Z", end: "2024-01-21T00:00:00Z" }, { id: "get" })));
    assert.isNull(next("made/devicewise-hourly.json", "https://api.devicewise.com/api"));
  });

  const hours = (count) => Array.from({ length: count }, (_, i) => new Date(Date.UTC(2024, 0, 1, i)).toISOString().replace(".000", ""));
  const capped = (id = "1") => devicewise({ usage: hours(5000).map(() => 1) }, hours(5000), { id });
  const asked = { start: "2024-01-01T00:00:00.000-00:00", end: "2025-01-01T00:00:00.000-00:00", series: "hour", includeSubOrgs: false };

  rule("a_capped_devicewise_reply_is_asked_on_from_its_last_period", () => {
    const request = nextRequest(capped(), { request: devicewiseRequest(asked) });
    assert.equal(request.method, "POST");
    assert.equal(request.url, "https://api.devicewise.com/api");
    const body = JSON.parse(request.body);
    assert.equal(body["1"].command, "usage.api.history");
    const { start, ...rest } = body["1"].params;
    assert.equal(Date.parse(start), Date.UTC(2024, 0, 1, 5000));
    assert.deepEqual(rest, { end: asked.end, series: "hour", includeSubOrgs: false });
  });

  rule("only_capped_commands_are_asked_on", () => {
    const short = { success: true, params: { counters: { usage: [1] }, total: 1, ts: [hours(1)[0]] } };
    const body = JSON.stringify({ ...JSON.parse(capped("a")), b: short });
    const request = nextRequest(body, {
      request: {
        url: "https://api.devicewise.com/api",
        body: JSON.stringify({
          auth: { sessionId: "s" },
          a: { command: "usage.api.history", params: asked },
          b: { command: "usage.api.history", params: asked },
        }),
      },
    });
    const sent = JSON.parse(request.body);
    assert.isTrue(Object.hasOwn(sent, "a"));
    assert.isFalse(Object.hasOwn(sent, "b"));
  });

  rule("a_capped_reply_to_the_last_so_many_hours_cannot_be_asked_on", () => {
    assert.isNull(nextRequest(capped(), { request: devicewiseRequest({ last: "400d", series: "hour" }) }));
    assert.isNull(nextRequest(capped(), { request: "https://api.devicewise.com/api" }));
  });

  rule("a_capped_reply_that_reached_its_end_is_the_last", () => {
    assert.isNull(nextRequest(capped(), { request: devicewiseRequest({ ...asked, end: new Date(Date.UTC(2024, 0, 1, 5000)).toISOString() }) }));
  });

  rule("a_request_that_is_no_absolute_http_address_is_refused", () => {
    for (const request of [
      "/v1/partners/acme/usage_history",
      "ftp://api.intronis.com/v1/partners/acme/usage_history",
      "api.intronis.com",
      "",
      "javascript:alert(1)",
      { url: "file:///etc/passwd" },
    ]) {
      const error = fails(
        { assert, meterglot },
        "invalid-option",
        () => nextRequest(fixture("made/barracuda-pages-1.json"), { request }),
        JSON.stringify(request),
      );
      assert.include(error.message, "request");
    }
  });

  rule("next_request_needs_the_request", () => {
    for (const options of [{}, undefined, { request: undefined }]) {
      const error = fails({ assert, meterglot }, "invalid-option", () => nextRequest(fixture("made/barracuda-pages-1.json"), options));
      assert.include(error.message, "request");
    }
  });

  rule("a_next_request_carries_no_credentials_of_its_own", () => {
    for (const [name, request] of [
      ["made/barracuda-pages-1.json", BARRACUDA_URL],
      ["made/cloudsigma-daily.page-1.json", "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/"],
      ["made/wasabi-stats-envelope.json", "https://stats.wasabisys.com/v1/standalone/utilizations/bucket"],
    ]) {
      for (const header of Object.keys(next(name, request).headers)) assert.notMatch(header, /auth|cookie|session/i, name);
    }
  });
};
