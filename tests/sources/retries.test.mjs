// What is sent again, after how long, and when that ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, answering, barracudaPage, body, failure, january, json, quick, sources, wasabiRow } from "./support.mjs";

const page = () => barracudaPage({ days: [2, 3] });
const broken = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }) });
};

for (const status of [408, 425, 429, 500, 502, 503, 504]) {
  test(`status_${status}_is_tried_again`, async () => {
    const { fetch, sent } = answering(new Response("", { status }), page());
    assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
    assert.equal(sent.length, 2);
  });
}

for (const [status, code] of [
  [400, "provider-error"],
  [402, "provider-error"],
  [409, "provider-error"],
  [505, "upstream-unavailable"],
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "provider-error"],
  [501, "upstream-unavailable"],
]) {
  test(`status_${status}_is_${code}_at_once`, async () => {
    const { fetch, sent } = answering(json({ message: "no" }, { status }));
    const error = await failure(all(sources.barracuda(fetch).records(january)), code);
    assert.equal(sent.length, 1);
    assert.equal(error.status, status);
    assert.equal(error.provider, "barracuda");
    // Nothing that a provider says of credentials is passed on.
    const isOfCredentials = status === 401 || status === 403;
    assert.deepEqual(error.providerMessages, isOfCredentials ? [] : ["no"]);
    assert.match(error.message, isOfCredentials ? /barracuda answered with status \d+$/ : /barracuda answered with status \d+: no$/);
  });
}

test("a_connection_that_breaks_before_the_reply_is_tried_again", async () => {
  const { fetch, sent } = answering(broken, broken, page());
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
  assert.equal(sent.length, 3);
});

test("a_body_that_breaks_off_is_asked_for_again_and_no_record_comes_twice", async () => {
  const text = await page().text();
  const cut = () => json(body(text.slice(0, 200), new TypeError("terminated")));
  const { fetch, sent } = answering(cut, page());
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
  assert.equal(sent.length, 2);
});

test("a_large_body_that_breaks_off_within_what_is_held_is_asked_for_again", async () => {
  const text = JSON.stringify([wasabiRow(1), wasabiRow(2)]);
  const { fetch, sent } = answering(
    () => json(body(text.slice(0, 250), new TypeError("terminated"))),
    () => json(text),
  );
  assert.equal((await all(sources.wasabi(fetch).records(january))).length, 2);
  assert.equal(sent.length, 2);
});

test("after_the_last_retry_it_is_upstream_unavailable_and_says_why", async () => {
  const { fetch, sent } = answering(broken);
  const error = await failure(all(sources.barracuda(fetch, { retry: { ...quick, limit: 3 } }).records(january)), "upstream-unavailable");
  assert.equal(sent.length, 4);
  assert.match(error.cause.message, /fetch failed: connect ECONNREFUSED/);
});

test("no_retry_where_none_is_allowed", async () => {
  const { fetch, sent } = answering(new Response("<h1>500</h1>", { status: 500, headers: { "content-type": "text/html" } }));
  const error = await failure(all(sources.barracuda(fetch, { retry: { limit: 0 } }).records(january)), "upstream-unavailable");
  assert.deepEqual([sent.length, error.status], [1, 500]);
});

test("a_post_is_tried_again_as_a_get_is", async () => {
  const reply = json({ usage: { success: true, params: { counters: { location: [1] }, total: 1, ts: ["2024-01-01T00:00:00Z"] } } });
  const { fetch, sent } = answering(new Response("", { status: 503 }), reply);
  assert.equal((await all(sources.devicewise(fetch).records({ from: "2024-01-01", to: "2024-01-01T01:00:00Z" }))).length, 1);
  assert.deepEqual(
    sent.map(({ method }) => method),
    ["POST", "POST"],
  );
  assert.equal(sent[0].sentBody, sent[1].sentBody);
});

test("waits_are_random_up_to_a_time_that_doubles_and_has_a_bound", async (t) => {
  t.mock.method(Math, "random", () => 0.999_999);
  const { fetch, sent } = answering(new Response("", { status: 500 }));
  await failure(all(sources.barracuda(fetch, { retry: { limit: 4, baseMs: 20, maxDelayMs: 60 } }).records(january)), "upstream-unavailable");
  const waits = sent.slice(1).map(({ at }, i) => at - sent[i].at);
  [20, 40, 60, 60].forEach((bound, i) => assert.ok(waits[i] > bound - 3 && waits[i] < bound + 40, `${waits}`));
  t.mock.method(Math, "random", () => 0);
  const none = answering(new Response("", { status: 500 }));
  const start = performance.now();
  await failure(all(sources.barracuda(none.fetch, { retry: { limit: 4, baseMs: 10_000 } }).records(january)), "upstream-unavailable");
  assert.ok(performance.now() - start < 1000);
});

for (const status of [429, 503]) {
  test(`retry_after_in_seconds_is_waited_for_after_${status}`, async () => {
    const { fetch, sent } = answering(new Response("", { status, headers: { "retry-after": "1" } }), page());
    assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
    const wait = sent[1].at - sent[0].at;
    assert.ok(wait >= 990 && wait < 2000, `${wait}`);
  });
}

test("retry_after_as_a_date_is_read_by_the_providers_own_clock", async () => {
  const date = "Wed, 21 Oct 2015 07:28:00 GMT";
  const { fetch, sent } = answering(new Response("", { status: 429, headers: { "retry-after": "Wed, 21 Oct 2015 07:28:01 GMT", date } }), page());
  assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
  const wait = sent[1].at - sent[0].at;
  assert.ok(wait >= 990 && wait < 2000, `${wait}`);
  for (const until of ["Wed, 21 Oct 2015 07:30:00 GMT", "Wednesday, 21-Oct-15 07:30:00 GMT", "Wed Oct 21 07:30:00 2015"]) {
    const late = answering(new Response("", { status: 503, headers: { "retry-after": until, date } }));
    assert.equal((await failure(all(sources.barracuda(late.fetch).records(january)), "upstream-unavailable")).retryAfter, 120, until);
    assert.equal(late.sent.length, 1);
  }
});

test("retry_after_that_is_no_time_or_has_passed_is_as_if_it_were_absent", async () => {
  for (const until of ["soon", "", "-1", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT"]) {
    const { fetch, sent } = answering(new Response("", { status: 429, headers: { "retry-after": until } }), page());
    assert.equal((await all(sources.barracuda(fetch).records(january))).length, 2);
    assert.ok(sent[1].at - sent[0].at < 500, until);
  }
});

test("a_longer_wait_than_may_be_is_rate_limited_and_says_how_long", async () => {
  const { fetch, sent } = answering(json({ error: "slow down" }, { status: 429, headers: { "retry-after": "61" } }));
  const error = await failure(all(sources.onapp(fetch).records(january)), "rate-limited");
  assert.deepEqual([sent.length, error.status, error.retryAfter], [1, 429, 61]);
  assert.deepEqual(error.providerMessages, ["slow down"]);
});

test("a_wait_that_outlasts_the_call_is_not_begun", async () => {
  const { fetch } = answering(new Response("", { status: 429, headers: { "retry-after": "30" } }));
  const start = performance.now();
  const error = await failure(all(sources.barracuda(fetch, { totalTimeoutMs: 5000 }).records(january)), "rate-limited");
  assert.ok(performance.now() - start < 1000);
  assert.equal(error.retryAfter, 30);
});

test("a_try_that_takes_too_long_is_tried_again_and_then_a_timeout", async () => {
  const { fetch, sent } = answering((request) => new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason))));
  const source = sources.barracuda(fetch, { timeoutMs: 20, retry: { ...quick, limit: 2 } });
  await failure(all(source.records(january)), "timeout");
  assert.equal(sent.length, 3);
});

test("a_fetch_that_ignores_its_signal_still_times_out", async () => {
  const { fetch } = answering(() => new Promise(() => {}));
  await failure(all(sources.barracuda(fetch, { timeoutMs: 20, retry: { limit: 0 } }).records(january)), "timeout");
  await failure(all(sources.barracuda(fetch, { totalTimeoutMs: 20 }).records(january)), "timeout");
});

test("a_page_that_drips_is_a_timeout", async () => {
  const { fetch } = answering(() => json(body("{", 15, " ", 15, " ", 15, " ", 15, "}")));
  await failure(all(sources.barracuda(fetch, { timeoutMs: 30, retry: { limit: 0 } }).records(january)), "timeout");
});

test("a_call_ends_in_time_however_many_retries_there_may_be", async () => {
  const { fetch } = answering(new Response("", { status: 500 }));
  const source = sources.barracuda(fetch, { totalTimeoutMs: 100, retry: { limit: 1_000_000, baseMs: 20, maxDelayMs: 20 } });
  const start = performance.now();
  // The last wait would outlast the call, or the call is over: both say what the matter is.
  await assert.rejects(all(source.records(january)), ({ code }) => code === "upstream-unavailable" || code === "timeout");
  assert.ok(performance.now() - start < 500);
});

test("a_call_whose_pages_never_end_is_a_timeout", async () => {
  let day = 0;
  const { fetch } = answering(() => {
    day += 1;
    return new Promise((resolve) => setTimeout(() => resolve(barracudaPage({ days: [1 + (day % 28)], count: 1_000_000, page: day, next: day + 1 })), 5));
  });
  const unlimited = sources.barracuda(fetch, { totalTimeoutMs: 60, maxPages: 1_000_000 });
  const error = await failure(all(unlimited.records(january)), "timeout");
  assert.match(error.message, /longer than 60 ms/);
});

test("progress_counts_requests_retries_and_pages", async () => {
  const { fetch } = answering(
    new Response("", { status: 500 }),
    barracudaPage({ days: [1, 2], count: 3, next: 2 }),
    barracudaPage({ days: [3], count: 3, page: 2 }),
  );
  const seen = [];
  const table = await sources.barracuda(fetch).table(january, { onProgress: (progress) => seen.push(progress) });
  const { bytes, ...last } = seen.at(-1);
  assert.deepEqual(last, { requests: 3, retries: 1, pages: 2, records: 3, duplicates: 0, total: 3 });
  assert.ok(bytes > 300);
  assert.equal(table.length, 3);
  table.free();
});

test("what_a_callback_throws_ends_the_call_and_is_thrown_as_it_is", async () => {
  const own = new Error("enough");
  const { fetch, sent } = answering(page());
  const records = sources.barracuda(fetch).records(january, {
    onProgress: () => {
      throw own;
    },
  });
  await assert.rejects(all(records), (error) => error === own);
  assert.ok(sent.length <= 1);
});

test("a_wait_beyond_all_bounds_is_reported_as_a_year", async () => {
  const { fetch, sent } = answering(new Response("", { status: 429, headers: { "retry-after": "9".repeat(400) } }));
  const error = await failure(all(sources.barracuda(fetch).records(january)), "rate-limited");
  assert.deepEqual([sent.length, error.retryAfter], [1, 365 * 24 * 3600]);
});
