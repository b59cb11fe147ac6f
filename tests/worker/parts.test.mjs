// Rules of single parts, where the whole worker would hide them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { aggregate, normalize } from "meterglot";
import { SourceError } from "meterglot/sources";
import { createWorker } from "meterglot/worker";
import { Copy } from "../../pkg/worker/cache.js";
import { csvOf } from "../../pkg/worker/csv.js";
import { framingOf } from "../../pkg/worker/framing.js";
import { Gate } from "../../pkg/worker/gate.js";
import { problemOf } from "../../pkg/worker/problem.js";
import { UsageParameters } from "../../pkg/worker/schemas.js";
import { digestOf } from "../../www/worker/local/bindings.mjs";
import { parseCsv, verdictOf } from "./support/answers.mjs";

const NEVER = new AbortController().signal;

/** Lets what waits for nothing but its turn go on. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

describe("a gate", () => {
  const limits = { places: 2, waiting: 2, waitMs: 60_000 };

  test("lets_so_many_in_and_the_others_in_the_order_they_came", async () => {
    const gate = new Gate(limits);
    const first = await gate.enter(NEVER);
    const second = await gate.enter(NEVER);
    const order = [];
    const third = gate.enter(NEVER).then((leave) => {
      order.push("third");
      return leave;
    });
    const fourth = gate.enter(NEVER).then((leave) => {
      order.push("fourth");
      return leave;
    });
    await settle();
    assert.deepEqual(order, []);
    second();
    (await third)();
    (await fourth)();
    first();
    assert.deepEqual(order, ["third", "fourth"]);
  });

  test("no_caller_overtakes_one_that_waits", async () => {
    const gate = new Gate({ ...limits, places: 1 });
    const leave = await gate.enter(NEVER);
    const order = [];
    const waiting = gate.enter(NEVER).then((leaveToo) => {
      order.push("waiting");
      return leaveToo;
    });
    await settle();
    leave();
    const late = gate.enter(NEVER).then((leaveToo) => {
      order.push("late");
      return leaveToo;
    });
    (await waiting)();
    (await late)();
    assert.deepEqual(order, ["waiting", "late"]);
  });

  test("a_waiting_caller_is_woken_only_by_its_own_timer", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const gate = new Gate({ ...limits, places: 1 }, () => 0);
    const leave = await gate.enter(NEVER);
    let entered = false;
    const waiting = gate.enter(NEVER).then((leaveToo) => {
      entered = true;
      return leaveToo;
    });
    await turn();
    leave();
    await turn();
    assert.equal(entered, false, "what one request resolves workerd may run in the wrong one");
    t.mock.timers.tick(20);
    (await waiting)();
  });

  test("a_live_caller_keeps_its_place_if_the_whole_isolate_was_stopped", async () => {
    let now = 0;
    const gate = new Gate({ ...limits, places: 1, waitMs: 1500 }, () => now);
    const leave = await gate.enter(NEVER, () => assert.fail("it lives"));
    const standsStill = Date.now() + 1100;
    while (Date.now() < standsStill);
    now = 60_000;
    // The overdue sign of life comes between this caller's two looks.
    const late = gate.enter(NEVER);
    setTimeout(() => (now += 2000), 40);
    await assert.rejects(late, { code: "busy" });
    leave();
  });

  test("a_caller_that_finds_too_many_waiting_is_refused", async () => {
    const gate = new Gate({ ...limits, places: 1, waiting: 1 });
    const leave = await gate.enter(NEVER);
    const waiting = gate.enter(NEVER);
    await assert.rejects(gate.enter(NEVER), { code: "busy", status: 503 });
    leave();
    (await waiting)();
  });

  test("a_caller_that_waits_too_long_is_refused", async () => {
    const gate = new Gate({ ...limits, places: 1, waitMs: 30 });
    const leave = await gate.enter(NEVER);
    await assert.rejects(gate.enter(NEVER), { code: "busy" });
    leave();
  });

  test("a_caller_that_disconnects_no_longer_waits", async () => {
    const gate = new Gate({ ...limits, places: 1 });
    const leave = await gate.enter(NEVER);
    await assert.rejects(gate.enter(AbortSignal.abort()), { code: "aborted" });
    leave();
  });

  test("leaving_twice_frees_one_place", async () => {
    const gate = new Gate({ ...limits, places: 1, waiting: 0 });
    const leave = await gate.enter(NEVER);
    leave();
    leave();
    const again = await gate.enter(NEVER);
    await assert.rejects(gate.enter(NEVER), { code: "busy" });
    again();
  });

  test("a_place_that_is_not_renewed_is_recovered_and_its_caller_is_informed", async () => {
    let now = 0;
    const gate = new Gate({ ...limits, places: 1, waiting: 0 }, () => now);
    const lost = [];
    const leave = await gate.enter(NEVER, () => lost.push("first"));
    now = 4999;
    await assert.rejects(gate.enter(NEVER), { code: "busy" });
    assert.deepEqual(lost, []);
    now = 6000;
    const second = await gate.enter(NEVER);
    assert.deepEqual(lost, ["first"]);
    leave();
    await assert.rejects(gate.enter(NEVER), { code: "busy" }, "what was lost frees no place of another");
    second();
  });

  test("a_place_is_kept_as_long_as_its_caller_renews_it", async () => {
    let now = 0;
    const gate = new Gate({ ...limits, places: 1, waiting: 0 }, () => now);
    const leave = await gate.enter(NEVER, () => assert.fail("it lives"));
    now = 60_000;
    // Longer than between two signs of life.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    now += 4000;
    await assert.rejects(gate.enter(NEVER), { code: "busy" });
    leave();
  });
});

test("a_copy_is_no_larger_than_the_cache_allows", () => {
  const copy = new Copy(4);
  copy.take(Uint8Array.of(1, 2));
  copy.take(Uint8Array.of(3, 4));
  assert.deepEqual(copy.whole(), Uint8Array.of(1, 2, 3, 4));
  copy.take(Uint8Array.of(5));
  assert.equal(copy.whole(), undefined);
});

describe("the framing of JSON", () => {
  const encoder = new TextEncoder();
  const lines = ['{"a":"x\\ny"}', '{"b":[1,2]}', '{"c":"ü,"}'].map((line) => `${line}\n`).join("");

  test("is_the_same_wherever_lines_are_cut", () => {
    const expected = { source: "s", records: [{ a: "x\ny" }, { b: [1, 2] }, { c: "ü," }], duplicates: 2, complete: true };
    const bytes = encoder.encode(lines);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const framing = framingOf("json", { head: { source: "s" }, list: "records" });
        const pieces = [
          framing.open(),
          ...[bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)].map((piece) => framing.chunk(piece)),
          framing.close({ duplicates: 2 }),
        ];
        assert.deepEqual(JSON.parse(Buffer.concat(pieces).toString()), expected);
      }
    }
  });

  test("without_a_line_is_an_empty_list", () => {
    const framing = framingOf("json", { head: {}, list: "records" });
    assert.deepEqual(JSON.parse(Buffer.concat([framing.open(), framing.close({})]).toString()), { records: [], complete: true });
  });

  test("what_broke_off_is_no_json_wherever_it_broke", () => {
    for (const bytes of ["", '{"a":1}\n', '{"a":1}\n{"b":2}\n', '{"a":1}\n{"b"']) {
      const framing = framingOf("json", { head: { source: "s" }, list: "records" });
      const text = Buffer.concat([framing.open(), framing.chunk(encoder.encode(bytes)), framing.broken({ code: "incomplete" })]).toString();
      assert.throws(() => JSON.parse(text), SyntaxError);
    }
  });
});

test("csv_that_breaks_off_says_what_is_missing", () => {
  const told = Buffer.from(
    framingOf("csv", { head: {}, list: "records" }).broken({ code: "incomplete", detail: 'no "end"', missing: '3 of 9 "rows"' }),
  ).toString();
  assert.equal(told, '"problem: incomplete: no ""end"" (missing: 3 of 9 ""rows"")');
  assert.equal(parseCsv(told), null);
});

describe("the summary of NDJSON", () => {
  const encoder = new TextEncoder();
  const lines = '{"a":"x\\ny"}\n{"b":2}\n';
  const options = { head: {}, list: "records", summed: true };

  test("counts_the_lines_wherever_they_are_cut", () => {
    const bytes = encoder.encode(lines);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const framing = framingOf("ndjson", options);
      const pieces = [framing.open(), framing.chunk(bytes.slice(0, cut)), framing.chunk(bytes.slice(cut)), framing.close({ duplicates: 3 })];
      assert.equal(Buffer.concat(pieces).toString(), `${lines}{"complete":true,"records":2,"duplicates":3}\n`);
    }
  });

  test("is_missing_if_the_answer_was_broken_off", () => {
    const framing = framingOf("ndjson", options);
    const pieces = [framing.open(), framing.chunk(encoder.encode(lines)), framing.broken({ code: "incomplete" })];
    assert.equal(Buffer.concat(pieces).toString(), `${lines}{"problem":{"code":"incomplete"}}\n`);
  });
});

describe("CSV of aggregated rows", () => {
  const reply = (bucket) =>
    JSON.stringify([
      { AcctNum: 7, BucketNum: 1, Bucket: bucket, Region: bucket, StartTime: "2019-12-25T00:00:00Z", EndTime: "2019-12-26T00:00:00Z", NumAPICalls: 5 },
    ]);

  test("neutralises_a_cell_that_a_spreadsheet_would_calculate", () => {
    for (const region of ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example","a,b")']) {
      const [header, row] = parseCsv(csvOf(aggregate(normalize(reply(region)), { by: ["region"] }), ["region"]));
      assert.equal(row[header.indexOf("region")], `'${region}`);
      assert.equal(row[header.indexOf("quantity")], "5");
    }
  });

  test("without_rows_is_the_header_that_it_has_with_them", () => {
    assert.match(csvOf([], []), /^metric,.*\r\n$/);
    const by = ["region", "dimensions.=tier", "region"];
    const [header] = csvOf(aggregate(normalize(reply("eu")), { by }), by).split("\r\n");
    assert.equal(csvOf([], by), `${header}\r\n`);
    assert.match(header, /^region,'?dimensions\.=tier,metric,/);
  });
});

test("a_fault_that_was_not_foreseen_is_reported_to_the_log_and_not_to_the_caller", async () => {
  const bindings = {
    METERGLOT_SOURCES: { a: { provider: "wasabi" } },
    METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } },
  };
  const failing = (after) => ({
    provider: "wasabi",
    stream: () =>
      new ReadableStream({
        pull: (controller) => (after-- > 0 ? controller.enqueue(new TextEncoder().encode("{}\n")) : controller.error(new Error("inner workings"))),
      }),
  });
  for (const [after, status] of [
    [0, 500],
    [1, 200],
  ]) {
    const lines = [];
    const worker = createWorker({ log: (line) => lines.push(line), openSource: () => failing(after) });
    const headers = { Authorization: "Bearer t", Accept: "application/x-ndjson" };
    const response = await worker.request("/v1/usage/a?from=2024-01-01&to=2024-01-02", { headers }, bindings);
    const { problem } = await verdictOf(response);
    assert.deepEqual([response.status, problem.code, problem.status], [status, "internal", 500]);
    assert.ok(!JSON.stringify(problem).includes("inner workings"));
    const [fault] = lines.filter(({ event }) => event === "fault");
    assert.deepEqual([fault.message, fault.id], ["inner workings", response.headers.get("x-request-id")]);
  }
});

test("a_body_whose_sender_disconnects_is_no_fault_of_the_worker", async () => {
  const lines = [];
  const worker = createWorker({ log: (line) => lines.push(line) });
  const bindings = { METERGLOT_SOURCES: {}, METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } } };
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  const response = await worker.request("/v1/normalize", { method: "POST", body, duplex: "half", headers: { Authorization: "Bearer t" } }, bindings);
  const { status, problem } = await verdictOf(response);
  assert.deepEqual([status, problem.code], [499, "aborted"]);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ["request"],
  );
});

describe("a problem", () => {
  test("never_asks_a_caller_to_wait_for_ever", () => {
    const source = new SourceError("wait", { code: "rate-limited", retryAfter: Number.POSITIVE_INFINITY });
    const { headers, details } = problemOf(source, "provider");
    assert.deepEqual([headers["Retry-After"], details.retryAfter], ["86400", 86_400]);
  });

  test("passes_on_nothing_that_a_provider_says_of_credentials", () => {
    for (const code of ["unauthorized", "forbidden"]) {
      const source = new SourceError("GET /x: wasabi answered with status 403: key c2VjcmV0", {
        code,
        status: 403,
        provider: "wasabi",
        providerCodes: ["c2VjcmV0"],
        providerMessages: ["key c2VjcmV0"],
      });
      const body = problemOf(source, "provider").body("1");
      assert.doesNotMatch(JSON.stringify(body), /c2VjcmV0/);
      assert.deepEqual([body.code, body.upstreamStatus, body.provider], [code, 403, "wasabi"]);
    }
    const said = problemOf(new SourceError("no", { code: "provider-error", providerMessages: ["why"] }), "provider");
    assert.deepEqual(said.body("1").providerMessages, ["why"]);
  });
});

test("of_many_faults_a_few_are_reported", async () => {
  const worker = createWorker({ log() {} });
  const bindings = { METERGLOT_SOURCES: {}, METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } } };
  for (const query of [Array.from({ length: 2000 }, (_, n) => `unknown${n}=1`).join("&"), `by=${"colour,".repeat(60)}`]) {
    const response = await worker.request(`/v1/aggregate/a?${query}`, { headers: { Authorization: "Bearer t" } }, bindings);
    const { status, problem } = await verdictOf(response);
    assert.equal(status, 400);
    assert.ok(problem.detail.length < 1000, problem.detail);
  }
});

test("a_parameter_that_may_not_be_repeated_is_reported", async () => {
  const worker = createWorker({ log() {} });
  const bindings = {
    METERGLOT_SOURCES: { wasabi: { provider: "wasabi" } },
    METERGLOT_SECRET_WASABI: '{"apiKey":"s3cret-key"}',
    METERGLOT_TOKENS: { [digestOf("t")]: { sources: "*" } },
  };
  for (const [path, name, value] of [
    ["usage", "from", "2024-01-01"],
    ["usage", "level", "bucket"],
    ["usage", "pageSize", "5"],
    ["aggregate", "window", "day"],
    ["aggregate", "timeZone", "UTC"],
  ]) {
    const response = await worker.request(`/v1/${path}/wasabi?${name}=${value}&${name}=${value}`, { headers: { Authorization: "Bearer t" } }, bindings);
    const { code, detail } = await response.json();
    assert.deepEqual([response.status, code, detail], [400, "invalid-option", `query parameter \`${name}\`: expected it once, found it 2 times`]);
  }
});

test("a_time_is_one_of_the_clock", () => {
  const from = (text) => UsageParameters.safeParse({ from: text }).success;
  assert.ok(from("2024-01-01T23:59:59Z"));
  for (const text of ["2024-01-01T24:00:00Z", "2024-01-01T29:00:00Z", "2024-02-30", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00.1234567891Z"]) {
    assert.ok(!from(text), text);
  }
  // To the nanosecond, and in one form, which the cache's key is made of.
  for (const text of ["2024-01-01T00:00:00.1234567Z", "2024-01-01T01:00:00.123456700+01:00"]) {
    assert.equal(UsageParameters.parse({ from: text }).from, "2024-01-01T00:00:00.1234567Z");
  }
  assert.equal(UsageParameters.parse({ from: "2023-12-31T23:59:60Z" }).from, "2024-01-01T00:00:00Z");
});
