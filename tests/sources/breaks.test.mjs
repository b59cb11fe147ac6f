// Bodies that break off, at every provider, in every way of asking: whole and exact, or an error that says what is missing.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { inspect } from "node:util";
import { SourceError } from "meterglot/sources";
import { assertExpected } from "../providers/support.mjs";
import { BREAKS, breaker, CODINGS } from "./breaker.mjs";
import { start, totals, WAYS } from "./world.mjs";

const CASES = {
  barracuda: { query: { from: "2024-03-01", to: "2024-03-13", pageSize: 5 }, recordEnd: "}" },
  "barracuda in XML": { query: { from: "2024-03-01", to: "2024-03-13", pageSize: 5 }, more: { encoding: "xml" }, recordEnd: "</usage>" },
  // The first request opens a session, whose reply has no record.
  devicewise: { query: { from: "2024-03-01", to: "2024-03-03" }, after: 1, recordEnd: "]" },
  cloudsigma: { query: { from: "2024-03-01", to: "2024-03-05", pageSize: 20 }, recordEnd: "}" },
  wasabi: { query: { from: "2024-03-01", to: "2024-03-04" }, recordEnd: "}" },
  wasabiStats: { query: { from: "2024-03-01", to: "2024-03-04", pageSize: 5 }, recordEnd: "}" },
  onapp: { query: { from: "2024-03-01", to: "2024-03-02" }, more: { encoding: "xml" }, recordEnd: "</user_stat>" },
  "onapp in JSON": { query: { from: "2024-03-01", to: "2024-03-02" }, more: { encoding: "json" }, recordEnd: "}" },
};

const HASTY = { retry: { limit: 2, baseMs: 1, maxDelayMs: 5 } };

/** Where bodies break. */
const PLACES = {
  "before the first byte": () => 0,
  "after the first byte": () => 1,
  "at a tenth": (body) => Math.floor(body.length / 10),
  "in the middle": (body) => Math.floor(body.length / 2),
  "before the last byte that counts": (body) => Buffer.from(body.toString("latin1").trimEnd(), "latin1").length - 1,
};

/** At the end of a record in the middle of the body. */
const afterARecord = (recordEnd) => (body) => body.indexOf(recordEnd, Math.floor(body.length / 3)) + recordEnd.length;

/** The error for a break that HTTP does not show and the body does. */
const OF_BODIES = ["invalid-json", "invalid-xml", "unknown-format"];

let world;
const broken = {};
before(async () => {
  world = await start({ size: { wasabi: { buckets: 3 }, cloudsigma: { resources: 12 } } });
  for (const provider of ["barracuda", "devicewise", "cloudsigma", "wasabi", "wasabiStats", "onapp"]) {
    broken[provider] = await breaker(world.baseUrls[provider]);
  }
});
after(() => Promise.all([world.close(), ...Object.values(broken).map((one) => one.close())]));
afterEach(() => Object.values(broken).forEach((one) => one.mend()));

/** All that was given, and the error that ended it. */
async function given(way, source, query) {
  const records = [];
  let error = null;
  try {
    if (way === "table") {
      records.push(...(await WAYS.table(source, query)));
    } else if (way === "records") {
      for await (const record of source.records(query)) {
        records.push(record);
      }
    } else {
      let text = "";
      const decoder = new TextDecoder();
      try {
        for await (const chunk of source.stream(query, "ndjson")) {
          text += decoder.decode(chunk, { stream: true });
        }
      } finally {
        assert.ok(text === "" || text.endsWith("\n"), "no line is given in part");
        records.push(
          ...text
            .split("\n")
            .slice(0, -1)
            .map((line) => JSON.parse(line)),
        );
      }
    }
  } catch (thrown) {
    assert.ok(thrown instanceof SourceError, inspect(thrown));
    error = thrown;
  }
  return { records, error };
}

for (const [name, { query, more = {}, after: good = 0, recordEnd }] of Object.entries(CASES)) {
  const provider = name.split(" ")[0];
  const source = (extra = {}) => world.source(provider, { ...HASTY, ...more, ...extra, baseUrl: broken[provider].url });
  const expected = () => world.expected(provider, { ...query, ...more });
  const places = { ...PLACES, "at a record's end": afterARecord(recordEnd) };

  describe(name, () => {
    for (const [how, { shows }] of Object.entries(BREAKS)) {
      for (const [where, at] of Object.entries(places)) {
        // A listing of several pages breaks at a later one too.
        const isLater = ["barracuda", "cloudsigma", "wasabiStats"].includes(name) && ["in the middle", "at a record's end"].includes(where);
        for (const page of isLater ? [0, 1] : [0]) {
          test(`${how}_${where}_of_page_${page}`, async () => {
            for (const way of Object.keys(WAYS)) {
              for (const times of [1, Infinity]) {
                const spoil = broken[provider].spoil({ how, at, times, after: good + page });
                const { records, error } = await given(way, source(), query);
                assert.ok(spoil.affected > 0, "it broke");
                if (shows && times === 1) {
                  assert.equal(error, null, inspect(error));
                  assertExpected(totals(records), expected());
                  assert.equal(spoil.affected, 1);
                  continue;
                }
                assert.ok(shows ? error?.code === "upstream-unavailable" : OF_BODIES.includes(error?.code), inspect(error));
                assert.equal(spoil.affected, shows ? HASTY.retry.limit + 1 : 1);
                // How far it came: a table gives nothing, a stream what it had.
                assert.equal(error.missing, records.length === 0 ? null : `what follows after ${records.length} records`);
                assert.ok(way === "table" ? records.length === 0 : page === 0 || records.length > 0);
              }
            }
          });
        }
      }
    }

    // How a body is packed has nothing to do with what is in it.
    for (const coding of name === provider ? Object.keys(CODINGS) : []) {
      for (const [where, at] of Object.entries(PLACES)) {
        for (const how of ["chunks without a last one", "a length of its own", "the end of the connection"]) {
          const { shows } = BREAKS[how];
          test(`${coding}_in_${how}_${where}`, async () => {
            for (const way of Object.keys(WAYS)) {
              broken[provider].spoil({ how, at, coding, after: good });
              const { records, error } = await given(way, source(), query);
              // Whether a packed body that ends early is minded, and then asked for again, is the runtime's. What is unpacked is not
              // whole, unless its checksum alone is missing.
              if (error === null) {
                assertExpected(totals(records), expected());
              } else {
                assert.ok([...OF_BODIES, "upstream-unavailable"].includes(error.code) && !shows, inspect(error));
              }
            }
          });
        }
      }
    }

    test("a_body_that_is_all_there_and_shorter_than_its_length_is_asked_for_again", async () => {
      for (const way of Object.keys(WAYS)) {
        for (const times of [1, Infinity]) {
          broken[provider].spoil({ how: "fewer bytes than the length", at: (body) => body.length, more: 7, times, after: good });
          const { records, error } = await given(way, source(), query);
          if (times === 1) {
            assertExpected(totals(records), expected());
          } else {
            assert.equal(error.code, "upstream-unavailable");
          }
        }
      }
    });

    if (["wasabi", "onapp"].includes(provider)) {
      const STREAMS = { maxPageBytes: 50, daysPerRequest: 1 };
      for (const [how, { shows }] of Object.entries(BREAKS)) {
        for (const [where, at] of Object.entries({
          "at a tenth": PLACES["at a tenth"],
          "in the middle": PLACES["in the middle"],
          "at a record's end": places["at a record's end"],
        })) {
          for (const slice of [0, 2]) {
            test(`a_body_that_streams_and_meets_${how}_${where}_of_slice_${slice}_says_how_far_it_came`, async () => {
              const long = { ...query, to: "2024-03-04" };
              const { records: whole } = await given("records", source(STREAMS), long);
              for (const way of Object.keys(WAYS)) {
                for (const times of [1, Infinity]) {
                  const spoil = broken[provider].spoil({ how, at, times, after: slice });
                  const { records, error } = await given(way, source(STREAMS), long);
                  assert.ok(spoil.affected > 0);
                  const code = shows ? ["incomplete", "upstream-unavailable"] : OF_BODIES;
                  if (way === "table") {
                    // Nothing had been given, so that it was read once more.
                    if (shows && times === 1) {
                      assertExpected(totals(records), world.expected(provider, { ...long, ...more }));
                    } else {
                      assert.ok(code.includes(error.code) && records.length === 0, inspect(error));
                    }
                    continue;
                  }
                  if (error === null) {
                    // It broke before anything of it was given on.
                    assert.ok(shows && times === 1);
                    assert.deepEqual(records, whole);
                    continue;
                  }
                  assert.ok(code.includes(error.code), inspect(error));
                  assert.ok(records.length < whole.length && (slice === 0 || records.length > 0));
                  assert.deepEqual(records, whole.slice(0, records.length));
                  assert.equal(error.missing, records.length === 0 && !(error.code === "incomplete") ? null : `what follows after ${records.length} records`);
                }
              }
            });
          }
        }
      }
    }
  });
}
