// What an aggregation of a small body may cost (docs/design.md#aggregation-cost). Time is that of the processor, so that other work on the
// machine does not count.
import assert from "node:assert/strict";
import test from "node:test";
import { aggregate, Aggregator, normalize } from "meterglot";
import { wasabi } from "../rules/support.mjs";

/** A second on a machine of 2024, and as much again for a slower one. */
const MOST_MILLISECONDS = 2000;
const FOUR_KB = 4096;

const body = (start, end, count = 1) =>
  wasabi(...Array.from({ length: count }, (_, i) => ({ start, end, bucket: i, NumAPICalls: 12345 + i, RawStorageSizeBytes: 7 + i })));

const bodies = {
  "one row over 10,000 years": body("0000-01-03T00:00:00Z", "9999-12-01T00:00:00Z"),
  "one row over 2,000 years": body("0100-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
  "one row over 1,000 years": body("1100-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
  "one row over 40 years": body("2000-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
  "rows over 100 years": body("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z", 5),
};

const specs = ["hour", "day", "week", "month"].flatMap((window) =>
  ["UTC", "America/New_York"].flatMap((timeZone) =>
    [20, 256].map((fractionDigits) => ({ window, timeZone, fractionDigits, split: "proportional", by: ["resource"] })),
  ),
);

/** Milliseconds of processor time, in this process, and what came of it. */
function timed(act) {
  const before = process.cpuUsage();
  let outcome;
  try {
    outcome = `${act().length} rows`;
  } catch (error) {
    assert.equal(error.code, "limit-exceeded", error);
    outcome = error.code;
  }
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: (user + system) / 1000, outcome };
}

for (const [name, text] of Object.entries(bodies)) {
  test(`${name}: no aggregation takes long`, () => {
    assert.ok(text.length < FOUR_KB, `${text.length} bytes`);
    const table = normalize(text);
    for (const spec of specs) {
      const state = new Aggregator(spec).push(table).state();
      for (const act of [() => aggregate(table, spec), () => new Aggregator(spec).merge(state).finish()]) {
        const { milliseconds, outcome } = timed(act);
        assert.ok(milliseconds < MOST_MILLISECONDS, `${JSON.stringify(spec)}: ${milliseconds} ms, ${outcome}`);
      }
    }
  });
}
