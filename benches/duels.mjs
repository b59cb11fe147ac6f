// Every row of the table that holds us against something: what is done, by whom, and that the answers are the same.
import assert from "node:assert/strict";
import { barracudaPage, devicewiseHours, onappHours, wasabiDaily } from "./data.mjs";
import { sideBySide } from "./measure.mjs";
import { engine, meterglot } from "./ours.mjs";
import { byServiceAndDay } from "./peers/devicewise.mjs";
import * as onapp from "./peers/onapp.mjs";
import { barracudaRecords, wasabiNdjson } from "./peers/records.mjs";
import * as wasabi from "./peers/wasabi.mjs";
import { assertSameGroups, assertSameLines, assertSameRecords } from "./same.mjs";

const { aggregate, normalize } = meterglot;

function totals(body, spec) {
  const table = normalize(body);
  try {
    return aggregate(table, spec);
  } finally {
    table.free();
  }
}

const byBucketAndMonth = (body) => totals(body, { by: ["resource"], window: "month" });
const byDay = (body) => totals(body, { window: "day" });
const byService = (body) => totals(body, { by: ["dimensions.service"], window: "day" });

function ndjson(body) {
  const table = normalize(body);
  try {
    return table.toNDJSON();
  } finally {
    table.free();
  }
}

function records(body) {
  const table = normalize(body);
  try {
    return table.records();
  } finally {
    table.free();
  }
}

/** Both sides as `{ …key, value }`. */
const wasabiGroups = {
  ours: (rows) => rows.map(({ key, metric, start, quantity }) => ({ name: `${key.resource} ${metric} ${start.slice(0, 7)}`, value: quantity })),
  theirs: (rows) => rows.map(({ resource, metric, month, quantity }) => ({ name: `${resource} ${metric} ${month}`, value: quantity })),
};
const onappGroups = {
  ours: (rows) => rows.map(({ metric, start, cost }) => ({ name: `${metric} ${start.slice(0, 10)}`, value: cost })),
  theirs: (rows) => rows.map(({ metric, day, cost }) => ({ name: `${metric} ${day}`, value: cost })),
};
const devicewiseGroups = {
  ours: (rows) => rows.map(({ key, start, quantity }) => ({ name: `${key["dimensions.service"]} ${start.slice(0, 10)}`, value: quantity })),
  theirs: (rows) => rows.map(({ service, day, quantity }) => ({ name: `${service} ${day}`, value: quantity })),
};

const sameGroups = (groups, exactly, what) => (ours, theirs) =>
  assertSameGroups(groups.ours(ours), groups.theirs(theirs), { key: (row) => row.name, exactly, what });

/**
 * Runs all of them.
 *
 * @returns rows of `{ id, work, against, ours, theirs, ratio, goal }`, times in milliseconds. The ratio is how many times
 *   as fast as the other we are; a row without a goal is printed as well.
 */
export function duels(size, tell) {
  const rows = [];

  /** Ours once against each of the others, all of them in one dance. */
  const duel = (work, body, ours, others, dance) => {
    const answer = ours(body);
    for (const { run, same } of others) {
      same(answer, run(body), body);
    }
    const [mine, ...theirs] = sideBySide(
      [ours, ...others.map(({ run }) => run)].map((run) => () => run(body)),
      dance,
    );
    others.forEach(({ id, against, goal = null }, index) => {
      const row = { id, work, against, bodyBytes: body.length, ours: mine, theirs: theirs[index], ratio: theirs[index] / mine, goal };
      tell(row);
      rows.push(row);
    });
  };

  const heavy = { rounds: size.rounds, warmups: size.warmups };

  const days = wasabiDaily(size.wasabiRows);
  const daily = `Wasabi daily JSON, ${size.wasabiRows} rows → by bucket and month`;
  duel(
    daily,
    days,
    byBucketAndMonth,
    [
      { id: "wasabi-idiomatic", against: "JavaScript, idiomatic", goal: 8, run: wasabi.idiomatic, same: sameGroups(wasabiGroups, false, "idiomatic") },
      {
        id: "wasabi-tight",
        against: "JavaScript, tightest by hand",
        goal: 2,
        run: wasabi.tight,
        same: (ours, theirs) => sameGroups(wasabiGroups, false, "tight")(ours, wasabi.tightRows(theirs)),
      },
      {
        id: "wasabi-scan",
        against: "the bare JSON scan, same module",
        goal: 0.5,
        run: engine.benchScanJson,
        same: (_, length, body) => assert.equal(length, body.length),
      },
    ],
    heavy,
  );
  duel(
    daily,
    days,
    byBucketAndMonth,
    [{ id: "wasabi-exact", against: "lossless-json + decimal.js (exact)", run: wasabi.exact, same: sameGroups(wasabiGroups, true, "exact") }],
    { rounds: size.slowRounds, warmups: 1 },
  );

  const hours = onappHours(size.onappHours);
  const hourly = `OnApp XML, ${size.onappHours} hours → by day`;
  duel(
    hourly,
    hours,
    byDay,
    [
      {
        id: "onapp-fast-xml-parser",
        against: "fast-xml-parser, then JavaScript",
        goal: 25,
        run: onapp.fastXmlParser,
        same: sameGroups(onappGroups, false, "fast-xml-parser"),
      },
      {
        id: "onapp-events",
        against: "the bare quick-xml loop, same module",
        goal: 0.6,
        run: engine.benchScanXml,
        // A user_stat holds fifteen fields and itself; the list is one more.
        same: (_, elements) => assert.equal(elements, 1 + 17 * size.onappHours),
      },
      { id: "onapp-saxes", against: "saxes, then JavaScript", run: onapp.saxes, same: sameGroups(onappGroups, false, "saxes") },
    ],
    heavy,
  );
  duel(
    hourly,
    hours,
    byDay,
    [{ id: "onapp-exact", against: "saxes + decimal.js (exact)", run: onapp.exact, same: sameGroups(onappGroups, true, "exact XML") }],
    { rounds: size.slowRounds, warmups: 1 },
  );

  duel(
    `Wasabi daily JSON, ${size.wasabiRows} rows → NDJSON of records`,
    days,
    ndjson,
    [
      {
        id: "ndjson",
        against: "JSON.parse, map, JSON.stringify",
        goal: 3,
        run: wasabiNdjson,
        same: (ours, theirs) => assert.equal(assertSameLines([ours], theirs), 18 * size.wasabiRows),
      },
    ],
    { rounds: size.slowRounds, warmups: 1 },
  );

  const page = barracudaPage();
  duel(
    "Barracuda page, 30 rows, 3 KB → records",
    page,
    records,
    [{ id: "small", against: "JSON.parse, map", goal: 0.7, run: barracudaRecords, same: assertSameRecords }],
    { rounds: size.smallRounds, warmups: size.warmups + 1, calls: size.smallCalls },
  );

  const counters = devicewiseHours(size.devicewiseHours);
  duel(
    `deviceWISE JSON, 10 services, ${size.devicewiseHours} hours → by service and day`,
    counters,
    byService,
    [{ id: "devicewise", against: "JavaScript, idiomatic", run: byServiceAndDay, same: sameGroups(devicewiseGroups, false, "deviceWISE") }],
    { ...heavy, calls: 4 },
  );

  return rows;
}
