// `detect` reads the beginning of a body only, whatever its size, format and encoding; no call takes a detached buffer for an empty body.
import assert from "node:assert/strict";
import test from "node:test";
import { Aggregator, detect, Listing, MeterglotError, nextRequest, normalize, normalizeStream, parse } from "meterglot";

const MIB = 1 << 20;
const KIB = 1 << 10;
const encoder = new TextEncoder();
const day = '"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z"';

/** Bodies by the format that they are of: what comes before the rows, a row, what comes after. */
const BODIES = {
  "barracuda.usage-history": ['{"page":1,"page_size":30,"count":9,"links":[],"list":[', '{"date":"2024-01-15T00:00:00-05:00","bytes":10},', "]}"],
  "barracuda.usage-history as XML": [
    '<list page="1" page_size="30" count="9">',
    "<usage><date>2024-01-15T00:00:00-05:00</date><bytes>10</bytes></usage>",
    "</list>",
  ],
  "devicewise.api-history": ['{"1":{"success":true,"params":{"counters":{"a":[', "1234567,", ']},"ts":[]}}}'],
  "cloudsigma.daily-burst-usage": ['{"meta":{"limit":0},"objects":[', '{"amount":"1","date":"2024-01-15","resource_type":"cpu","usage":5},', "]}"],
  "cloudsigma.burst-usage": ['{"objects":[', '{"uuid":"a","amount":"1","resource_type":"cpu","usage":5},', "]}"],
  "wasabi.bucket-daily": ["[", `{"AcctNum":1,"BucketNum":2,"Bucket":"b",${day},"NumAPICalls":1},`, "]"],
  "wasabi.bucket-invoice": ["[", `{"AcctNum":1,"BucketNum":2,"Bucket":"b",${day},"RawStorageSizeGBDays":1},`, "]"],
  "wasabi.account-daily": ["[", `{"AcctNum":1,"UtilizationNum":2,${day},"NumAPICalls":1},`, "]"],
  "onapp.user-statistics": ["[", '{"user_stat":{"user_id":4,"vm_cost":1,"total_cost":1}},', "]"],
  "onapp.user-statistics as XML": ['<user_stats type="array">', "<user_stat><user_id>4</user_id><vm_cost>1</vm_cost></user_stat>", "</user_stats>"],
};

/** Bodies that do not show what they are before their end, if at all. */
const UNDECIDED = {
  "a long first member": ['{"a":[', '{"b":1},', '],"page":1,"count":0,"list":[]}'],
  "a long text": ['{"a":"', "xxxxxxxx", '","page":1,"count":0,"list":[]}'],
  "a long list of times": ['{"1":{"params":{"ts":[', '"2024-01-15T00:00:00Z",', '"2024-01-15T00:00:00Z"],"counters":{}},"success":true}}'],
  "XML of something else": ["<a>", "<b><c>1</c></b>", "</a>"],
  "white space": [" ", " ", '{"page":1,"count":0,"list":[]}'],
  "a comment": ["<!--", "xxxxxxxx", '--><list page="1" count="0"/>'],
};

function body([before, row, after], size) {
  const bytes = Buffer.alloc(size, row);
  bytes.write(before);
  // The rows go on in the middle of one: what is before it is all that may be looked at.
  Buffer.alloc(Math.min(size - before.length, 4 * row.length), row).copy(bytes, before.length);
  bytes.write(after, size - Buffer.byteLength(after));
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function medianMs(work) {
  for (let i = 0; i < 20; i++) work();
  const times = Array.from({ length: 41 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[20];
}

for (const [name, parts] of Object.entries({ ...BODIES, ...UNDECIDED })) {
  test(`detect takes as long for 64 MiB of ${name} as for 1 MiB`, () => {
    const [small, large] = [body(parts, MIB), body(parts, 64 * MIB)];
    const due = name in BODIES ? name.split(" ")[0] : undefined;
    assert.equal(detect(large)?.format, due);
    if (due !== undefined) assert.equal(detect(small).format, due);
    // Three tries: the machine has other things to do.
    const ratios = Array.from({ length: 3 }, () => medianMs(() => detect(large)) / (medianMs(() => detect(small)) + 0.005));
    assert.ok(Math.min(...ratios) <= 1.5, `ratios ${ratios.map((ratio) => ratio.toFixed(2))}`);
  });
}

test("detect of a long text looks at its beginning only", () => {
  const text = new TextDecoder().decode(body(BODIES["wasabi.bucket-daily"], 8 * MIB)).repeat(8);
  assert.equal(detect(text).format, "wasabi.bucket-daily");
  const cut = `[{"a":"${"é😀".repeat(MIB)}"}]`;
  assert.equal(detect(cut), null);
});

test("detect of a beginning claims no field that it has not seen", () => {
  // Up to the cut it looks like a day of an account; the part that shows the format comes after it.
  const pad = `"Note":"${"x".repeat(300 * KIB)}"`;
  assert.equal(detect(`[{"AcctNum":1,"UtilizationNum":2,${day},${pad},"BucketNum":2}]`), null);
  assert.equal(detect(`[{"AcctNum":1,${day},${pad},"RawStorageSizeGBDays":1}]`), null);
  assert.equal(detect(`{"objects":[{"amount":"1","resource_type":"cpu","usage":5,${pad.replace("Note", "note")},"date":"2024-01-15"}]}`), null);
  assert.equal(detect(`<nil-classes type="array"><!--${"x".repeat(300 * KIB)}--><a/></nil-classes>`), null);
  // What is within the first 256 KiB counts.
  const short = `"Note":"${"x".repeat(200 * KIB)}"`;
  assert.equal(detect(`[{"AcctNum":1,${day},${short},"RawStorageSizeGBDays":1}]`).format, "wasabi.bucket-invoice");
  const times = `"2024-01-15T00:00:00.000-05:00",`.repeat(5000).slice(0, -1);
  assert.equal(detect(`{"1":{"params":{"ts":[${times}],"counters":{}},"success":true}}`).format, "devicewise.api-history");
});

const detached = () => {
  const bytes = encoder.encode('{"page":1,"page_size":30,"count":0,"links":[],"list":[]}');
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};
const request = "https://api.intronis.com/v1/partners/acme/usage_history";
const isDetached = (error) => error instanceof MeterglotError && error.code === "invalid-option" && /detached ArrayBuffer/.test(error.message);

for (const [name, call] of Object.entries({
  detect,
  parse,
  normalize,
  nextRequest: (body) => nextRequest(body, { request }),
  "normalize of pages": (body) => normalize([body]),
})) {
  test(`a detached buffer is an invalid option of ${name}`, () => {
    for (const given of [detached(), detached().buffer]) assert.throws(() => call(given), isDetached);
    // Empty bytes are an empty body.
    for (const given of [new Uint8Array(), new ArrayBuffer(0)]) {
      try {
        call(given);
      } catch (error) {
        assert.equal(error.code, "unknown-format");
      }
    }
  });
}

test("a detached buffer is an invalid option of listings, streams and aggregators", async () => {
  const listing = new Listing({ to: "table" }).begin();
  assert.throws(() => listing.push(detached()), isDetached);
  const aggregator = new Aggregator();
  assert.throws(() => aggregator.merge(detached()), isDetached);
  assert.deepEqual(aggregator.finish(), []);
  const stream = normalizeStream({ to: "ndjson" });
  const reading = stream.readable.getReader().read();
  const writer = stream.writable.getWriter();
  const writing = writer.write(detached());
  await assert.rejects(reading, isDetached);
  await writing.catch(() => {});
});
