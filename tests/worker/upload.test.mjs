// A body that is sent: a part of it that is left unread on its connection breaks the next request, so it is read to its end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";

const TOKEN = "a-token";
const PIECE = 10_000;
const bindings = {
  METERGLOT_SOURCES: {},
  METERGLOT_TOKENS: { [digestOf(TOKEN)]: { sources: "*" } },
  METERGLOT_LIMITS: { bodyBytes: 20 * PIECE, rowBytes: 5 * PIECE },
};

/** Sends a body of so many pieces after its beginning; what became of it, and of the request. */
async function send(beginning, pieces, { path = "/v1/normalize?provider=wasabi", headers = { Authorization: `Bearer ${TOKEN}` } } = {}) {
  const seen = { pieces: 0, closed: false, cancelled: false };
  const body = new ReadableStream(
    {
      pull(controller) {
        if (seen.pieces > pieces) {
          seen.closed = true;
          return controller.close();
        }
        controller.enqueue(seen.pieces === 0 ? new TextEncoder().encode(beginning) : new Uint8Array(PIECE).fill(32));
        seen.pieces += 1;
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const response = await createWorker({ log() {} }).request(path, { method: "POST", headers, body, duplex: "half" }, bindings);
  const atStatus = { ...seen };
  const text = await response.text().catch(() => "");
  return { status: response.status, text, atStatus, seen };
}

test("a_body_that_is_refused_is_read_to_its_end_before_it_is_answered", async () => {
  for (const beginning of ["nonsense", '[{"AcctNum":1,"BucketNum":2,"StartTime":"x"},', '{"message":"no"}x']) {
    const { status, atStatus } = await send(beginning, 15);
    assert.equal(status, 422, beginning);
    assert.deepEqual(atStatus, { pieces: 16, closed: true, cancelled: false }, beginning);
  }
});

test("a_body_that_breaks_an_answer_off_is_read_to_its_end_before_the_answer_ends", async () => {
  const row = '{"AcctNum":7,"BucketNum":1,"StartTime":"2024-01-01T00:00:00Z","EndTime":"2024-01-02T00:00:00Z","NumAPICalls":1}';
  const { status, text, seen } = await send(`[${`${row},`.repeat(600)}oops`, 15);
  assert.ok(status === 422 || /"problem"|oops/.test(text) || text === "", text.slice(-200));
  assert.deepEqual([seen.closed, seen.cancelled], [true, false]);
});

test("of_a_body_that_is_too_large_no_more_than_as_much_again_is_read", async () => {
  const { status, atStatus } = await send("[", 1000);
  assert.equal(status, 413);
  assert.ok(atStatus.cancelled && atStatus.pieces < 60, JSON.stringify(atStatus));
});

test("a_body_of_which_nothing_was_read_is_left_to_the_runtime", async () => {
  const cases = [
    [401, { headers: {} }],
    [415, { headers: { Authorization: `Bearer ${TOKEN}`, "Content-Encoding": "gzip" } }],
    [413, { headers: { Authorization: `Bearer ${TOKEN}`, "Content-Length": "9999999" } }],
    [400, { path: "/v1/normalize?colour=red" }],
    [404, { path: "/nothing" }],
  ];
  for (const [expected, options] of cases) {
    const { status, seen } = await send("[", 15, options);
    assert.deepEqual([status, seen], [expected, { pieces: 0, closed: false, cancelled: false }]);
  }
});
