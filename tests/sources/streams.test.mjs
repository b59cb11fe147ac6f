// Records as they arrive: nothing before it is asked for, nothing much ahead, and an end at once when the caller ends it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, answering, barracudaPage, body, failure, january, json, sources, textOf, wasabiRow } from "./support.mjs";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const threePages = () => [1, 2, 3].map((page) => barracudaPage({ days: [page + 1], count: 3, page, next: page < 3 ? page + 1 : null }));

/** A list of so many rows, in a piece a row; `taken` counts the pieces that were asked for. */
function longList(rows, buckets = 28) {
  const state = { taken: 0, cancelled: false };
  const encoder = new TextEncoder();
  const stream = new ReadableStream(
    {
      pull(controller) {
        const row = wasabiRow(1 + (state.taken % 28), Math.floor(state.taken / buckets));
        controller.enqueue(encoder.encode((state.taken === 0 ? "[" : ",") + JSON.stringify(row) + (state.taken === rows - 1 ? "]" : "")));
        state.taken += 1;
        if (state.taken === rows) {
          controller.close();
        }
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { state, reply: () => json(stream) };
}

test("nothing_is_sent_before_the_first_is_asked_for", async () => {
  const { fetch, sent } = answering(barracudaPage({ days: [2] }));
  const source = sources.barracuda(fetch);
  const records = source.records(january)[Symbol.asyncIterator]();
  const stream = source.stream(january, "ndjson");
  await later(10);
  assert.equal(sent.length, 0);
  await records.next();
  assert.equal(sent.length, 1);
  await records.return();
  await stream.cancel();
  assert.equal(sent.length, 1);
});

test("a_later_page_is_asked_for_when_the_one_before_has_been_taken", async () => {
  const { fetch, sent } = answering(...threePages());
  const reader = sources.barracuda(fetch).stream(january, "ndjson").getReader();
  for (let page = 1; page <= 3; page += 1) {
    assert.equal((await reader.read()).done, false);
    await later(5);
    assert.equal(sent.length, page);
  }
  assert.equal((await reader.read()).done, true);
});

test("leaving_the_loop_ends_the_request", async () => {
  const { state, reply } = longList(100_000);
  const { fetch } = answering(reply);
  let seen = 0;
  for await (const _ of sources.wasabi(fetch, { maxPageBytes: 50_000 }).records(january)) {
    seen += 1;
    if (seen === 10) {
      break;
    }
  }
  await later(1);
  assert.ok(state.cancelled);
  assert.ok(state.taken < 1000, `${state.taken}`);
});

test("cancelling_the_stream_ends_the_request", async () => {
  const { state, reply } = longList(100_000);
  const { fetch, sent } = answering(reply);
  const reader = sources.wasabi(fetch, { maxPageBytes: 50_000 }).stream(january, "csv").getReader();
  await reader.read();
  await reader.cancel("seen enough");
  assert.ok(state.cancelled);
  assert.ok(sent[0].signal.aborted);
});

test("cancelling_while_the_reply_is_waited_for_ends_the_request", async () => {
  let aborted = false;
  const { fetch } = answering(
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason);
        }),
      ),
  );
  const reader = sources.wasabi(fetch).stream(january, "ndjson").getReader();
  const read = reader.read();
  await later(5);
  await reader.cancel();
  assert.deepEqual(await read, { done: true, value: undefined });
  assert.ok(aborted);
});

test("a_slow_reader_holds_the_provider_up", async () => {
  const { state, reply } = longList(8000);
  const { fetch } = answering(reply);
  const reader = sources.wasabi(fetch, { maxPageBytes: 20_000 }).stream(january, "ndjson").getReader();
  await reader.read();
  const { taken } = state;
  await later(30);
  assert.equal(state.taken, taken);
  assert.ok(taken < 1000);
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read());
  assert.equal(state.taken, 8000);
});

test("a_stream_comes_in_chunks_that_are_small_however_large_the_body_is", async () => {
  const { fetch } = answering(() => json(JSON.stringify(Array.from({ length: 3000 }, (_, i) => wasabiRow(1 + (i % 28), Math.floor(i / 28))))));
  const sizes = [];
  for await (const chunk of sources.wasabi(fetch).stream(january, "ndjson")) {
    sizes.push(chunk.length);
  }
  assert.ok(sizes.length > 20);
  assert.ok(Math.max(...sizes) < 300_000, `${Math.max(...sizes)}`);
});

for (const how of ["records", "table", "ndjson"]) {
  const start = (source, options) =>
    how === "records" ? all(source.records(january, options)) : how === "table" ? source.table(january, options) : textOf(source.stream(january, how, options));

  test(`aborting_${how}_before_the_start_sends_nothing`, async () => {
    const { fetch, sent } = answering(barracudaPage({ days: [1] }));
    const error = await failure(start(sources.barracuda(fetch), { signal: AbortSignal.abort(new Error("changed my mind")) }), "aborted");
    assert.equal(sent.length, 0);
    assert.equal(error.cause.message, "changed my mind");
  });

  test(`aborting_${how}_while_the_reply_is_waited_for`, async () => {
    const { fetch } = answering(() => new Promise(() => {}));
    const controller = new AbortController();
    const began = performance.now();
    setTimeout(() => controller.abort(), 20);
    await failure(start(sources.barracuda(fetch), { signal: controller.signal }), "aborted");
    assert.ok(performance.now() - began < 500);
  });

  test(`aborting_${how}_in_mid_body`, async () => {
    const { fetch } = answering(() => json(body("[", 10_000)));
    const controller = new AbortController();
    const began = performance.now();
    setTimeout(() => controller.abort(), 20);
    await failure(start(sources.wasabi(fetch), { signal: controller.signal }), "aborted");
    assert.ok(performance.now() - began < 500);
  });

  test(`aborting_${how}_while_a_retry_is_waited_for`, async () => {
    const { fetch, sent } = answering(new Response("", { status: 429, headers: { "retry-after": "30" } }));
    const controller = new AbortController();
    const began = performance.now();
    setTimeout(() => controller.abort(), 20);
    await failure(start(sources.barracuda(fetch), { signal: controller.signal }), "aborted");
    assert.ok(performance.now() - began < 500);
    assert.equal(sent.length, 1);
  });
}

test("aborting_between_two_pages_asks_for_no_more", async () => {
  const { fetch, sent } = answering(...threePages());
  const controller = new AbortController();
  const records = sources.barracuda(fetch).records(january, { signal: controller.signal })[Symbol.asyncIterator]();
  await records.next();
  controller.abort();
  await failure(records.next(), "aborted");
  assert.equal(sent.length, 1);
});

test("aborting_in_the_midst_of_a_page_gives_no_further_record_of_it", async () => {
  const { fetch } = answering(barracudaPage({ days: [1, 2, 3, 4, 5] }));
  const controller = new AbortController();
  const given = [];
  const error = await failure(
    (async () => {
      for await (const record of sources.barracuda(fetch).records(january, { signal: controller.signal })) {
        given.push(record);
        if (given.length === 2) {
          controller.abort(new Error("enough"));
        }
      }
    })(),
    "aborted",
  );
  assert.deepEqual([given.length, error.missing, error.cause.message], [2, "what follows after 2 records", "enough"]);
});

for (const [provider, config] of [
  ["barracuda", { token: undefined, clientId: "me", clientSecret: "client-secret" }],
  ["devicewise", { sessionId: undefined, username: "me", password: "password" }],
]) {
  test(`aborting_while_${provider}_is_asked_to_let_in`, async () => {
    const { fetch, sent } = answering(() => new Promise(() => {}));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await failure(all(sources[provider](fetch, config).records(january, { signal: controller.signal })), "aborted");
    assert.equal(sent.length, 1);
  });
}

test("a_reply_that_comes_after_its_time_is_let_go", async () => {
  const late = body("[", 10_000);
  const source = sources.wasabi(
    async () => {
      await later(60);
      return json(late);
    },
    { timeoutMs: 20, retry: { limit: 0 } },
  );
  await failure(all(source.records(january)), "timeout");
  await later(80);
  assert.ok(late.cancelled);
});

test("an_aborted_call_leaves_no_listener_behind", async () => {
  const { fetch } = answering(barracudaPage({ days: [1] }));
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args) => {
    listeners += 1;
    return addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args) => {
    listeners -= 1;
    return removeEventListener.apply(signal, args);
  };
  await all(sources.barracuda(fetch).records(january, { signal }));
  assert.equal(listeners, 0);
});

test("a_body_is_let_go_when_the_call_ends_even_if_the_fetch_ignores_its_signal", async () => {
  for (const maxPageBytes of [1, 1_000_000]) {
    const stream = body("[", 10_000);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await failure(all(sources.wasabi(async () => json(stream), { maxPageBytes }).records(january, { signal: controller.signal })), "aborted");
    await later(1);
    assert.ok(stream.cancelled);
  }
});

test("a_body_in_many_pieces_leaves_no_listener_for_each", async (t) => {
  let [listeners, most] = [0, 0];
  const counting = (name, by) => {
    const original = EventTarget.prototype[name];
    t.mock.method(EventTarget.prototype, name, function (type, ...rest) {
      listeners += type === "abort" ? by : 0;
      return original.call(this, type, ...rest);
    });
  };
  counting("addEventListener", 1);
  counting("removeEventListener", -1);
  const fetch = async () => {
    let left = 60;
    const pull = (controller) => {
      most = Math.max(most, listeners);
      left -= 1;
      controller.enqueue(new TextEncoder().encode(left === 0 ? "]" : left === 59 ? "[" : " "));
      if (left === 0) {
        controller.close();
      }
    };
    return json(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  await all(sources.wasabi(fetch).records(january));
  assert.ok(most > 0 && most < 5, `${most}`);
});

test("a_break_after_records_were_given_says_how_far_it_came", async () => {
  const rows = Array.from({ length: 100 }, (_, i) => JSON.stringify(wasabiRow(1 + (i % 28), i)));
  const cut = () => json(body(`[${rows.join(",")}`, 5, new TypeError("terminated")));
  const { fetch, sent } = answering(cut);
  const source = sources.wasabi(fetch, { maxPageBytes: 1000 });
  const records = [];
  const error = await failure(
    (async () => {
      for await (const record of source.records(january)) {
        records.push(record);
      }
    })(),
    "incomplete",
  );
  assert.ok(records.length >= 99);
  assert.equal(error.missing, `what follows after ${records.length} records`);
  assert.match(error.cause.message, /terminated/);
  assert.equal(sent.length, 1);
  const text = [];
  await failure(
    sources
      .wasabi(answering(cut).fetch, { maxPageBytes: 1000 })
      .stream(january, "ndjson")
      .pipeTo(new WritableStream({ write: (chunk) => void text.push(chunk) })),
    "incomplete",
  );
  assert.ok(text.length > 0);
});

test("a_table_is_read_once_more_after_such_a_break", async () => {
  const rows = Array.from({ length: 100 }, (_, i) => JSON.stringify(wasabiRow(1 + (i % 28), i)));
  const { fetch, sent } = answering(
    () => json(body(`[${rows.join(",")}`, new TypeError("terminated"))),
    () => json(`[${rows.join(",")}]`),
  );
  const table = await sources.wasabi(fetch, { maxPageBytes: 1000 }).table(january);
  assert.deepEqual([table.length, sent.length], [100, 2]);
  table.free();
});

test("a_large_body_that_stops_arriving_is_given_up", async () => {
  const { fetch } = answering(() => json(body(`[${JSON.stringify(wasabiRow(1))},${" ".repeat(2000)}`, 10_000)));
  const error = await failure(all(sources.wasabi(fetch, { maxPageBytes: 1000, timeoutMs: 30 }).records(january)), "incomplete");
  assert.match(error.message, /was idle for 30 ms/);
});

test("a_large_body_that_comes_slowly_is_read_to_its_end", async () => {
  const pieces = Array.from({ length: 12 }, (_, i) => [100, `${i === 0 ? "[" : ","}${JSON.stringify(wasabiRow(i + 1))}`]).flat();
  const { fetch } = answering(() => json(body(...pieces, "]")));
  const source = sources.wasabi(fetch, { timeoutMs: 800, retry: { limit: 0 } });
  assert.equal((await all(source.records(january))).length, 12);
});

/** Three days, each in a reply of its own that takes a while; read with a wait after each record or piece. */
const threeSlices = (ms, more) => {
  const { fetch, sent } = answering(
    ({ url }) => new Promise((resolve) => setTimeout(() => resolve(json([wasabiRow(Number(new URL(url).searchParams.get("from").slice(-2)))])), ms)),
  );
  return { sent, source: sources.wasabi(fetch, { daysPerRequest: 1, ...more }) };
};
const threeDays = { from: "2024-01-01", to: "2024-01-04" };

test("the_time_of_a_slow_reader_is_not_the_calls", async () => {
  const { source, sent } = threeSlices(5, { totalTimeoutMs: 150 });
  let records = 0;
  for await (const _ of source.records(threeDays)) {
    records += 1;
    await later(100);
  }
  assert.deepEqual([records, sent.length], [3, 3]);
  for (const form of ["ndjson", "csv"]) {
    const pieces = [];
    for await (const piece of source.stream(threeDays, form)) {
      pieces.push(piece);
      await later(100);
    }
    assert.equal(
      new TextDecoder()
        .decode(await new Blob(pieces).arrayBuffer())
        .trim()
        .split("\n").length,
      form === "csv" ? 4 : 3,
    );
  }
});

test("what_the_call_itself_takes_is_counted_over_all_its_waits", async () => {
  for (const ms of [0, 300]) {
    const { source, sent } = threeSlices(300, { totalTimeoutMs: 750 });
    let records = 0;
    const error = await failure(
      (async () => {
        for await (const _ of source.records(threeDays)) {
          records += 1;
          await later(ms);
        }
      })(),
      "timeout",
    );
    assert.match(error.message, /longer than 750 ms/);
    assert.deepEqual([records, sent.length, error.missing], [2, 3, "what follows after 2 records"]);
    await failure(source.table(threeDays), "timeout");
  }
});

test("a_reader_who_takes_its_time_can_still_abort", async () => {
  const { source } = threeSlices(5, { totalTimeoutMs: 50 });
  const controller = new AbortController();
  const records = source.records(threeDays, { signal: controller.signal })[Symbol.asyncIterator]();
  await records.next();
  await later(80);
  controller.abort();
  await failure(records.next(), "aborted");
});

test("a_body_that_ends_too_early_is_a_fault_that_says_where", async () => {
  const { fetch } = answering(() => json(`[${JSON.stringify(wasabiRow(1))},{"AcctNum":7`));
  const error = await failure(all(sources.wasabi(fetch).records(january)), "invalid-json");
  assert.ok(error.offset > 100);
  assert.equal(error.missing, "what follows after 1 records");
});

test("a_page_of_a_paged_listing_has_a_bound", async () => {
  const { fetch } = answering(barracudaPage({ days: Array.from({ length: 28 }, (_, i) => i + 1) }));
  await failure(all(sources.barracuda(fetch, { maxPageBytes: 500 }).records(january)), "limit-exceeded");
});

test("a_streamed_body_has_a_bound_where_one_is_asked_for", async () => {
  const { reply } = longList(10_000);
  await failure(all(sources.wasabi(answering(reply).fetch, { limits: { maxBytes: 100_000 } }).records(january)), "limit-exceeded");
});

test("an_endless_error_reply_is_not_read_to_its_end", async () => {
  const piece = new Uint8Array(10_000);
  const seen = { taken: 0, cancelled: 0 };
  const endless = (status) => () => {
    const pull = (controller) => {
      seen.taken += 1;
      controller.enqueue(piece);
    };
    return new Response(new ReadableStream({ pull, cancel: () => void (seen.cancelled += 1) }, { highWaterMark: 0 }), { status });
  };
  await failure(all(sources.barracuda(answering(endless(403)).fetch).records(january)), "forbidden");
  await all(sources.barracuda(answering(endless(500), barracudaPage({ days: [1] })).fetch).records(january));
  assert.ok(seen.taken < 40);
  assert.equal(seen.cancelled, 2);
});

test("a_period_of_ten_thousand_years_is_asked_for_piece_by_piece", async () => {
  const ages = { from: "0001-02-01", to: "9999-12-01" };
  for (const provider of ["wasabi", "onapp"]) {
    const { fetch, sent } = answering(json([]));
    const source = sources[provider](fetch, { maxPages: 5, ...(provider === "onapp" ? { encoding: "json" } : {}) });
    await failure(all(source.records(ages)), "too-many-pages");
    assert.ok(sent.length <= 6);
  }
});

test("ndjson_with_a_trailer_says_whether_it_is_whole", async () => {
  const lines = async (replies, options) => {
    const text = await new Response(sources.barracuda(answering(...replies).fetch).stream(january, "ndjson", { trailer: true, ...options })).text();
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const whole = await lines(threePages());
  assert.deepEqual(whole.at(-1), { complete: true, records: 3, issues: 0 });
  assert.equal(whole.length, 4);
  const broken = await lines([threePages()[0], json({ page: 2, page_size: 1, count: 3, links: [], list: "none" })]);
  const { complete, records, problem } = broken.at(-1);
  assert.deepEqual([complete, records, broken.length], [false, 1, 2]);
  assert.equal(problem.code, "unexpected-shape");
  assert.match(problem.missing, /1 records/);
  const source = sources.barracuda(answering(...threePages()).fetch);
  for (const [to, trailer] of [
    ["csv", true],
    ["ndjson", "yes"],
  ]) {
    assert.throws(() => source.stream(january, to, { trailer }), { code: "invalid-option" });
  }
});
