// Results are the same, or there are no times.
import assert from "node:assert/strict";

/** Sums of doubles drift in the last digits; a mean is off by less than this. */
const DRIFT = 1e-12;

const byKey = (rows, keyOf) => {
  const map = new Map(rows.map((row) => [keyOf(row), row]));
  assert.equal(map.size, rows.length, "a group is reported twice");
  return map;
};

/** Asserts that both have the same groups and the very same numbers, or as near as doubles come. */
export function assertSameGroups(ours, theirs, { key, exactly, what }) {
  const expected = byKey(theirs, key);
  assert.equal(ours.length, expected.size, `${what}: groups`);
  for (const row of ours) {
    const other = expected.get(key(row));
    assert.ok(other !== undefined, `${what}: ${key(row)} is only ours`);
    if (exactly) {
      assert.equal(row.value, other.value, `${what}: ${key(row)}`);
    } else {
      const [a, b] = [Number(row.value), other.value];
      assert.ok(Math.abs(a - b) <= DRIFT * Math.max(Math.abs(a), Math.abs(b)), `${what}: ${key(row)}: ${row.value} and ${other.value}`);
    }
  }
}

/** A record but for its id, which in JavaScript is no hash. */
const withoutId = ({ id: _, ...rest }) => rest;

export function assertSameRecords(ours, theirs) {
  assert.deepEqual(ours.map(withoutId), theirs.map(withoutId));
}

/** Asserts that lines of records are the same text but for their ids, however they are cut into pieces. */
export function assertSameLines(ours, theirs) {
  const [a, b] = [linesOf(ours), linesOf(theirs)];
  let line = 0;
  for (;;) {
    const [one, other] = [a.next(), b.next()];
    assert.equal(one.done, other.done, `one side ends at line ${line}`);
    if (one.done) {
      return line;
    }
    line += 1;
    if (afterId(one.value) !== afterId(other.value)) {
      assert.deepEqual(withoutId(JSON.parse(one.value)), withoutId(JSON.parse(other.value)), `line ${line}`);
    }
  }
}

const afterId = (line) => line.slice(line.indexOf('","provider"'));

function* linesOf(pieces) {
  let open = "";
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += 1 << 20) {
      const lines = (open + Buffer.from(piece.buffer, piece.byteOffset + start, Math.min(1 << 20, piece.length - start)).latin1Slice()).split("\n");
      open = lines.pop();
      yield* lines;
    }
  }
  assert.equal(open, "", "the last line has no end");
}
