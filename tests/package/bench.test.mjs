// The benchmark works: results are compared before times, and every row is reported. Times do not fail the test.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
// `cargo xtask bench` and `cargo xtask test` build it.
const measured = join(root, "target/bench/package");

const folder = mkdtempSync(join(tmpdir(), "meterglot-bench-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function benchmark(file, ...more) {
  assert.ok(existsSync(join(measured, "meterglot.wasm")), "run `cargo xtask bench --quick` first: it builds target/bench/package");
  const out = join(folder, file);
  const script = join(root, "benches/run.mjs");
  const run = spawnSync(process.execPath, ["--expose-gc", ...more, script, `--package=${measured}`, "--quick", `--out=${out}`], {
    cwd: root,
    encoding: "utf8",
  });
  return { ...run, report: existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : null };
}

const quick = benchmark("quick.json");

test("every_peer_gives_our_answer", () => {
  // A peer that gives another ends the run before anything is written.
  assert.equal(quick.status, 0, quick.stderr);
  assert.ok(quick.report.quick);
});

test("every_figure_to_reach_has_its_row", () => {
  const goals = Object.fromEntries(quick.report.rows.filter(({ goal }) => goal !== null).map(({ id, goal }) => [id, goal]));
  assert.deepEqual(goals, {
    "wasabi-idiomatic": 8,
    "wasabi-tight": 2,
    "wasabi-scan": 0.5,
    "onapp-fast-xml-parser": 25,
    "onapp-events": 0.6,
    ndjson: 3,
    small: 0.7,
  });
  const bounds = Object.fromEntries(quick.report.bounds.map(({ id, atMost }) => [id, atMost]));
  assert.deepEqual(bounds, { "stream-memory": 8, "module-brotli": 120, "module-load": 10 });
});

test("every_row_has_times_and_a_verdict_that_follows_from_them", () => {
  for (const { id, ours, theirs, ratio, goal, met } of quick.report.rows) {
    assert.ok(ours > 0 && theirs > 0, id);
    assert.equal(ratio, theirs / ours, id);
    assert.equal(met, goal === null ? null : ratio >= goal, id);
    assert.ok(quick.stdout.includes(`${ratio.toFixed(2)}x`), `${id} is printed`);
  }
  for (const { id, value, atMost, met } of quick.report.bounds) {
    assert.ok(value >= 0, id);
    assert.equal(met, value <= atMost, id);
  }
});

test("what_has_no_goal_is_reported_too", () => {
  const { figures, growth, groups, parts, rows } = quick.report;
  assert.ok(rows.some(({ id }) => id === "wasabi-exact") && rows.some(({ id }) => id === "onapp-exact"));
  assert.ok(figures.moduleRawBytes > figures.moduleBrotliBytes && figures.stream.mebibytesASecond > 0);
  assert.ok(figures.memory.bytesARecord > 8 && figures.memory.bytesARecord < 64, "a number and its share of a row");
  assert.ok(figures.memory.peak >= figures.memory.afterNormalize);
  assert.deepEqual(
    growth.map(({ rows }) => rows),
    [100, 1000],
  );
  assert.ok(groups.every(({ groups, microsecondsAGroup }) => groups > 0 && microsecondsAGroup > 0));
  assert.deepEqual(Object.keys(parts), ["wasabi", "onapp", "small"]);
});

test("an_answer_that_is_not_ours_ends_the_benchmark", () => {
  const lie = join(root, "tests/package/bench-lie.mjs");
  const { status, stderr, report } = benchmark("lie.json", "--import", lie);
  assert.notEqual(status, 0);
  assert.match(stderr, /AssertionError.*idiomatic/s);
  assert.equal(report, null, "no times without equal answers");
});
