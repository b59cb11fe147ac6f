// normalizeStream as a web stream: what pipes, aborts, backs up and fails like any other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MeterglotError, normalize, normalizeStream } from "meterglot";
import { wasabiDays } from "./fresh.mjs";

const bytesOf = (text) => new TextEncoder().encode(text);

/** A source that counts what was taken from it. */
function source(chunks) {
  const iterator = chunks[Symbol.iterator]();
  const state = { pulled: 0, cancelled: undefined };
  const stream = new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) {
          controller.close();
        } else {
          state.pulled += 1;
          controller.enqueue(value);
        }
      },
      cancel(reason) {
        state.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return chunks;
}

function* cut(bytes, size) {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

test("a_stream_writes_what_the_table_writes", async () => {
  const body = bytesOf(wasabiDays(300));
  const table = normalize(body);
  for (const size of [1, 7, 1000, body.length]) {
    const lines = await all(source(cut(body, size)).stream.pipeThrough(normalizeStream({ to: "ndjson" })));
    assert.deepEqual(Buffer.concat(lines), Buffer.from(table.toNDJSON()), `chunks of ${size}`);
    const cells = await all(source(cut(body, size)).stream.pipeThrough(normalizeStream({ to: "csv" })));
    assert.deepEqual(Buffer.concat(cells), Buffer.from(table.toCSV()), `chunks of ${size}`);
    const records = await all(source(cut(body, size)).stream.pipeThrough(normalizeStream({ to: "records" })));
    assert.deepEqual(records.flat(), table.records(), `chunks of ${size}`);
  }
});

test("a_chunk_that_yields_nothing_sends_nothing_on", async () => {
  const chunks = await all(source(cut(bytesOf(wasabiDays(5)), 1)).stream.pipeThrough(normalizeStream({ to: "records" })));
  assert.ok(chunks.every((records) => records.length > 0));
});

test("a_reader_that_waits_holds_the_source_back", async () => {
  const body = bytesOf(wasabiDays(5000));
  const { stream, state } = source(cut(body, 1000));
  const reader = stream.pipeThrough(normalizeStream({ to: "ndjson" })).getReader();
  await reader.read();
  await new Promise((turn) => setTimeout(turn, 20));
  assert.ok(state.pulled < 20, `${state.pulled} chunks were taken for one that was read`);
  await reader.cancel();
});

test("an_abort_signal_ends_the_pipe", async () => {
  const abort = new AbortController();
  const { stream, state } = source(cut(bytesOf(wasabiDays(5000)), 1000));
  const reader = stream.pipeThrough(normalizeStream({ to: "ndjson" }), { signal: abort.signal }).getReader();
  await reader.read();
  abort.abort(new Error("enough"));
  await assert.rejects(async () => {
    while (!(await reader.read()).done) {
      // Read what was under way.
    }
  }, /enough/);
  assert.match(String(state.cancelled), /enough/);
});

test("a_reader_that_cancels_ends_the_source", async () => {
  const { stream, state } = source(cut(bytesOf(wasabiDays(5000)), 1000));
  const reader = stream.pipeThrough(normalizeStream({ to: "records" })).getReader();
  await reader.read();
  await reader.cancel("no more");
  await new Promise((turn) => setTimeout(turn, 20));
  assert.equal(state.cancelled, "no more");
});

test("a_fault_fails_the_stream_with_its_place_in_the_whole_body", async () => {
  const body = wasabiDays(100);
  const broken = bytesOf(`${body.slice(0, -1)},]`);
  const failure = await all(source(cut(broken, 512)).stream.pipeThrough(normalizeStream({ to: "ndjson" }))).then(
    () => assert.fail("nothing failed"),
    (error) => error,
  );
  assert.ok(failure instanceof MeterglotError);
  assert.equal(failure.code, "invalid-json");
  assert.equal(failure.offset, broken.length - 1);
});

test("collected_faults_are_reported_as_they_are_found", async () => {
  const body = wasabiDays(100);
  const broken = bytesOf(`${body.slice(0, -1)},]`);
  const issues = [];
  const stream = normalizeStream({ to: "ndjson", onError: "collect", onIssue: (issue) => issues.push(issue) });
  const lines = await all(source(cut(broken, 512)).stream.pipeThrough(stream));
  assert.deepEqual(
    issues.map(({ code, offset }) => [code, offset]),
    [["invalid-json", broken.length - 1]],
  );
  assert.deepEqual(Buffer.concat(lines), Buffer.from(normalize(body).toNDJSON()));
});

test("a_change_of_the_options_after_the_call_changes_nothing", async () => {
  const [before, after] = [[], []];
  const options = { to: "ndjson", onError: "collect", onIssue: (issue) => before.push(issue.code) };
  const stream = normalizeStream(options);
  options.onIssue = (issue) => after.push(issue.code);
  await all(source([bytesOf(`[${JSON.stringify({ AcctNum: 1, BucketNum: 2, NumAPICalls: 1 })}]`)]).stream.pipeThrough(stream));
  assert.deepEqual([before, after], [["missing-field"], []]);
});

test("a_chunk_that_is_no_bytes_fails_the_stream", async () => {
  await assert.rejects(all(source(["text"]).stream.pipeThrough(normalizeStream({ to: "csv" }))), { code: "invalid-option" });
});

test("a_caller_may_change_its_chunk_after_writing_it", async () => {
  const body = bytesOf(wasabiDays(50));
  const writer = normalizeStream({ to: "ndjson" });
  const result = all(writer.readable);
  const input = writer.writable.getWriter();
  const chunk = new Uint8Array(100);
  for (const piece of cut(body, 100)) {
    chunk.set(piece);
    await input.write(chunk.subarray(0, piece.length));
    chunk.fill(0);
  }
  await input.close();
  assert.deepEqual(Buffer.concat(await result), Buffer.from(normalize(body).toNDJSON()));
});
