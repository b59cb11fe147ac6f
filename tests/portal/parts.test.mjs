// The parts of the portal whose results can be compared with the package, over every fixture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { convert, normalize } from "meterglot";
import { ALL, SOUND } from "../rules/fixtures.mjs";
import { sourceOf } from "./source.mjs";

const {
  TableHolding,
  JsonFinder,
  XmlFinder,
  excerptOf,
  csvOf,
  add,
  times,
  scaleFor,
  scaled,
  shown,
  percent,
  spanName,
  windowName,
  readView,
  samplesIn,
  writeView,
} = await sourceOf(
  "engine/holding.ts",
  "engine/find-json.ts",
  "engine/find-xml.ts",
  "engine/excerpt.ts",
  "engine/csv.ts",
  "format/decimal.ts",
  "format/unit.ts",
  "format/number.tsx",
  "format/time.ts",
  "url.ts",
);

const bytesOf = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const occurrenceOf = ({ notes, dimensions }) => (notes.includes("duplicate-element") ? Number(dimensions.occurrence) : 1);

function found(bytes, record, piece) {
  const xml = /^[\s\uFEFF]*</.test(bytes.toString());
  const finder = xml ? new XmlFinder(record.pointer) : new JsonFinder(record.pointer, occurrenceOf(record));
  for (let at = 0; at < bytes.length; at += piece) {
    const place = finder.feed(bytes.subarray(at, at + piece));
    if (place !== null) {
      return place;
    }
  }
  return null;
}

/** The number a text in a body stands for, written as the package writes it. */
const numberIn = (text) =>
  convert(
    expanded(
      text
        .replace(/<!\[CDATA\[(.*?)\]\]>|<!--.*?-->/gs, "$1")
        .replace(/^"|"$/g, "")
        .trim(),
    ),
    "By",
    "By",
  );

function expanded(text) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? assert.fail(`no number: ${text}`);
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = point <= 0 ? 1 : point;
  return `${sign === "-" ? "-" : ""}${padded.slice(0, at)}${padded.length > at ? `.${padded.slice(at)}` : ""}`.replace(/^(-?)0+(?=\d)/, "$1");
}

test("every_record_of_every_fixture_is_found_in_its_body", () => {
  let records = 0;
  for (const { name } of SOUND) {
    const bytes = bytesOf(name);
    for (const record of normalize(bytes)) {
      const place = found(bytes, record, bytes.length);
      assert.notEqual(place, null, `${name} ${record.pointer}`);
      const text = bytes.subarray(place.offset, place.offset + place.length).toString();
      if (text === "null") {
        // CloudSigma's record of a cost points at the quantity beside it, even where that is not told.
        assert.equal(record.quantity, null, `${name} ${record.pointer}`);
      } else if (!text.startsWith("{") && !text.includes("&")) {
        assert.ok([record.quantity, record.cost].includes(numberIn(text)), `${name} ${record.pointer}: ${text}`);
        records += 1;
      }
      assert.equal(place.line, bytes.subarray(0, place.offset).toString().split("\n").length, name);
      assert.equal(place.column, place.offset - bytes.lastIndexOf(10, place.offset - 1), `${name} ${record.pointer}`);
    }
  }
  assert.ok(records > 500, `${records} records`);
});

test("a_body_cut_anywhere_gives_the_same_place", () => {
  for (const { name } of SOUND) {
    const bytes = bytesOf(name);
    for (const record of normalize(bytes).records(0, 40)) {
      const whole = found(bytes, record, bytes.length);
      for (const piece of [1, 7]) {
        assert.deepEqual(found(bytes, record, piece), whole, `${name} ${record.pointer}`);
      }
    }
  }
});

test("a_pointer_that_is_not_there_is_not_found", () => {
  const json = Buffer.from('{"a":[{"b":1},{"c":2}],"a/b":{"m~n":3}}');
  assert.equal(found(json, { pointer: "/a/2", notes: [] }, 100), null);
  assert.equal(found(json, { pointer: "/a/0/c", notes: [] }, 100), null);
  assert.equal(found(json, { pointer: "/a~1b/m~0n", notes: [] }, 3).offset, json.indexOf("3}"));
  assert.equal(found(Buffer.from("<a><b/></a>"), { pointer: "/a/c", notes: [] }, 100), null);
});

test("an_excerpt_never_cuts_a_character", async () => {
  const body = new Blob([`{"x":"${"ä€𝄞".repeat(400)}","y":12,"z":"${"𝄞€ä".repeat(400)}"}`]);
  const { before, value, after, cutBefore, cutAfter } = await excerptOf(body, { pointer: "/y", occurrence: 1 });
  assert.equal(value, "12");
  assert.ok(cutBefore && cutAfter);
  assert.doesNotMatch(before + after, /\uFFFD/);
});

test("csv_and_ndjson_of_records_are_the_packages_own_bytes", () => {
  for (const name of ALL) {
    const table = normalize(bytesOf(name), { onError: "collect" });
    const records = table.records();
    assert.equal(csvOf(records, true), Buffer.from(table.toCSV()).toString(), name);
    assert.equal(records.map((record) => `${JSON.stringify(record)}\n`).join(""), Buffer.from(table.toNDJSON()).toString(), name);
  }
});

test("a_table_too_large_to_be_written_at_once_is_written_to_the_same_bytes", async () => {
  const rows = Array.from({ length: 60_000 }, (_, row) =>
    JSON.stringify({
      AcctNum: 1,
      BucketNum: row,
      StartTime: "2024-01-01T00:00:00Z",
      EndTime: "2024-01-02T00:00:00Z",
      RawStorageSizeBytes: row,
      NumAPICalls: row,
      UploadBytes: row,
      DownloadBytes: row,
      Bucket: `=b,${row}`,
      Region: "r",
    }),
  );
  const table = normalize(`[${rows}]`);
  const holding = new TableHolding(table, [table.format]);
  assert.ok(holding.csv().length > 1, "in slices");
  assert.deepEqual(Buffer.from(await new Blob(holding.csv()).arrayBuffer()), Buffer.from(table.toCSV()));
  assert.deepEqual(Buffer.from(await new Blob(holding.ndjson()).arrayBuffer()), Buffer.from(table.toNDJSON()));
});

test("adding_and_scaling_are_exact", () => {
  assert.equal(add("0.1", "0.2"), "0.3");
  assert.equal(add("-1.5", "1.50"), "0");
  assert.equal(add("99999999999999999999.9", "0.1"), "100000000000000000000");
  assert.equal(times("5", 1n, 2n, 0), "2");
  assert.equal(times("7", 1n, 2n, 0), "4");
  assert.equal(times("-0.125", 1n, 1n, 2), "-0.12");
});

test("quantities_are_shown_in_the_units_people_read_and_reported_exactly", () => {
  const show = (value, unit) => {
    const { number, unit: name, exact } = shown({ value, unit, what: "quantity", currency: null });
    return `${number} ${name} | ${exact}`;
  };
  assert.equal(show("5368709120", "By"), "5 GiB | 5368709120 By");
  assert.equal(show("309237645312", "By.5.min"), "1 GiB·days | 309237645312 By.5.min");
  assert.equal(show("30", "GiBy.d"), "30 GiB·days | 30 GiBy.d");
  assert.equal(show("12000", "MHz.5.min"), "1 GHz·hours | 12000 MHz.5.min");
  assert.equal(show("1", "{call}"), "1 call | 1 {call}");
  assert.equal(show("0", "By"), "0 GiB | 0 By");
  assert.equal(show("-1610612736", "By"), "-1.5 GiB | -1610612736 By");
});

test("what_is_shown_is_what_the_package_converts_to", () => {
  for (const [value, unit, readable] of [
    ["309237645313", "By.5.min", "GiBy.d"],
    ["12345", "MHz.5.min", "GHz.h"],
    ["7000", "{unit}.5.min", "{unit}.d"],
    ["4096000", "kBy", "GiBy"],
    ["4096", "GiBy.d", "TiBy.d"],
    ["1500", "MHz", "GHz"],
  ]) {
    assert.equal(scaled(value, scaleFor(value, unit)), convert(value, unit, readable, 12), `${value} ${unit}`);
  }
});

test("numbers_below_one_another_have_their_points_below_one_another", () => {
  const scale = scaleFor("300000000000", "By");
  const numbers = ["139586437120", "298823188480", "0", "1048576"].map((value) => shown({ value, unit: "By", what: "quantity", currency: null }, scale).number);
  assert.deepEqual(numbers, ["130.00", "278.30", "0", "0.000977"]);
  assert.equal(shown({ value: "24", unit: "{call}", what: "quantity", currency: null }, scaleFor("24", "{call}")).number, "24");
});

test("a_part_that_is_nearly_nothing_or_nearly_all_is_not_reported_as_that", () => {
  assert.deepEqual([0, 0.00004, 0.001, 0.5, 0.99996, 1].map(percent), ["0%", "< 0.1%", "0.1%", "50%", "> 99.9%", "100%"]);
});

test("money_that_is_little_keeps_three_digits_and_an_unknown_currency_is_not_hidden", () => {
  const money = (value, currency) => shown({ value, currency, unit: null, what: "cost" });
  assert.match(money("0", "USD").number, /0\.00/);
  assert.match(money("96500.0004196997", "USD").number, /96,?500\.00$/);
  assert.match(money("0.00041969971744038", "USD").number, /0\.00042$|0\.000420$/);
  assert.match(money("1", null).number, /¤/);
  assert.match(money("1", null).exact, /unknown currency/);
});

test("the_address_says_the_view_and_comes_back_as_it_was", () => {
  const behind = {
    measures: ["quantity~storage.stored~gauge~By~", "cost~cost.total~delta~~EUR"],
    by: "region",
    key: "eu & us",
    start: Date.UTC(2024, 0, 1),
    end: Date.UTC(2024, 1, 1),
    outside: true,
  };
  const view = {
    measure: "storage.stored~gauge~By",
    by: "dimensions.a b",
    window: "week",
    zone: "Europe/Vienna",
    weekStart: "sunday",
    reducer: "max",
    table: true,
    sort: "-quantity",
    provider: "wasabi",
    metric: "api.calls",
    behind,
    prefer: ["wasabi.account-daily"],
    overlap: "keep",
  };
  const samples = { samples: ["made-year", "wasabi-bucket-daily"], without: ["made-year"], only: true };
  assert.deepEqual(readView(writeView(view, samples)), view);
  assert.deepEqual({ ...samplesIn(writeView(view, samples)), only: true }, samples);
  assert.deepEqual(readView(writeView({ ...view, behind: { ...behind, key: null, start: null, end: null } }, samples)).behind, {
    ...behind,
    key: null,
    start: null,
    end: null,
  });
  assert.equal(
    writeView(
      readView("?window=fortnight&zone=Mars/Base&by=nothing&reduce=guess&sort=luck&provider=nobody&prefer=anything&overlap=add&behind=a&behind-from=never"),
      { samples: [], without: [], only: true },
    ),
    "",
  );
});

test("data_added_by_hand_leaves_no_name_in_the_address", () => {
  const behind = { measures: ["quantity~api.calls~delta~{call}~"], by: "account", key: "someone", start: null, end: null };
  assert.doesNotMatch(writeView({ ...readView(""), behind }, { samples: ["made-year"], without: [], only: false }), /behind|someone/);
});

test("a_span_of_whole_days_is_named_by_its_days", () => {
  const clock = { zone: "UTC", shift: 0 };
  const at = (text) => Date.parse(text);
  assert.doesNotMatch(spanName(at("2024-01-01T00:00:00Z"), at("2024-01-02T00:00:00Z"), clock), /–|:/);
  assert.match(spanName(at("2024-01-01T05:00:00Z"), at("2024-01-02T05:00:00Z"), { zone: "source", shift: -18_000 }), /^\D*1\D/);
  assert.match(windowName(at("2024-03-30T23:00:00Z") / 1000, at("2024-03-31T22:00:00Z") / 1000, "day", { zone: "Europe/Vienna", shift: 0 }), /31/);
});
