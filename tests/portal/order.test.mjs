// Records put in order: as an oracle does that compares whole numbers, and as sorting by hand would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { convert, normalize } from "meterglot";
import { ALL } from "../rules/fixtures.mjs";
import { fixture } from "./bodies.mjs";
import { sourceOf } from "./source.mjs";

const { orderOf, RecordsHolding, TableHolding, placesByKey, byCodePoint, baseOf } = await sourceOf(
  "engine/order.ts",
  "engine/holding.ts",
  "engine/radix.ts",
  "format/text.ts",
  "format/unit.ts",
);

const COLUMNS = ["metric", "quantity", "cost", "start", "resource", "region", "account"];
const noStep = async () => {};
const [SOME] = normalize(fixture("provider-docs/wasabi-bucket-daily.json")).records(0, 1);
const recordsWith = (fields) => fields.map((field) => ({ ...SOME, ...field }));
const partsOf = (...holdings) => holdings.map((holding) => ({ holding, places: null, length: holding.length }));

/** Each record's place in a sorted list: told by what is sorted by, not by the engine's columns. */
async function sorted(records, column, descending, parts = partsOf(new RecordsHolding([...records]))) {
  const { rows, ...said } = await orderOf(parts, { column, descending }, noStep);
  return { ...said, records: Array.from(rows, (row) => records[row]) };
}

/** An exact fraction of a decimal: digits over a power of ten that all share. */
const PLACES = 300;
function whole(decimal, factor = 1n) {
  const [, sign, digits, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  return BigInt(sign + digits + fraction.padEnd(PLACES, "0")) * factor;
}

/** What an insertion by hand gives: stable, blocks apart, unknown last. */
function oracle(records, column, descending) {
  const sign = descending ? -1 : 1;
  const text = (a, b) => {
    const [x, y] = [[...a], [...b]];
    for (let at = 0; at < Math.min(x.length, y.length); at++) {
      const apart = x[at].codePointAt(0) - y[at].codePointAt(0);
      if (apart !== 0) {
        return apart;
      }
    }
    return x.length - y.length;
  };
  const nanos = (time) => {
    const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time);
    return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  };
  const resource = ({ resourceName, resourceId }) =>
    resourceName === null ? resourceId : resourceId === null ? resourceName : `${resourceName} (${resourceId})`;
  const of =
    {
      quantity: (r) => (r.quantity === null ? null : { block: baseOf(r.unit).dimension, key: whole(r.quantity, baseOf(r.unit).factor) }),
      cost: (r) => (r.cost === null ? null : { block: r.currency ?? "\u{10FFFF}", key: whole(r.cost) }),
      start: (r) => (r.start === null ? null : { block: "", key: nanos(r.start) }),
      resource: (r) => (resource(r) === null ? null : { block: "", key: resource(r) }),
    }[column] ?? ((r) => (r[column] === null ? null : { block: "", key: r[column] }));
  const compare = (a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x === null || y === null) {
      return Number(x === null) - Number(y === null);
    }
    return text(x.block, y.block) || sign * (typeof x.key === "string" ? text(x.key, y.key) : x.key < y.key ? -1 : x.key > y.key ? 1 : 0);
  };
  return [...records].sort(compare);
}

async function holds(records, what, parts) {
  for (const column of COLUMNS) {
    for (const descending of [false, true]) {
      const { records: rows } = await sorted(records, column, descending, parts?.());
      assert.deepEqual(
        rows.map(({ pointer, page }) => `${page} ${pointer}`),
        oracle(records, column, descending).map(({ pointer, page }) => `${page} ${pointer}`),
        `${what}, ${column}, descending: ${descending}`,
      );
    }
  }
}

/** Small, seeded: the same numbers in every run. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x100000000) * sides);
  };
}

test("numbers_that_share_a_double_are_distinguished_by_their_digits", async () => {
  const quantities = [
    "9007199254740993",
    "9007199254740992",
    "0.1",
    "0.10000000000000000555",
    "0.1",
    "-0.1",
    "-0.10000000000000000555",
    null,
    "0",
    "1000000000000000000000000000000000000001",
    "1000000000000000000000000000000000000000",
    "9007199254740993",
    "0.0000001",
    "5",
  ];
  const records = recordsWith(quantities.map((quantity, at) => ({ quantity, pointer: `/${at}` })));
  await holds(records, "quantities");
  const { records: up, unknown } = await sorted(records, "quantity", false);
  assert.equal(unknown, 1);
  assert.equal(up.at(-1).quantity, null);
  assert.deepEqual(
    up.slice(0, 2).map(({ quantity }) => quantity),
    ["-0.10000000000000000555", "-0.1"],
  );
});

test("units_of_one_dimension_are_compared_and_others_stand_apart", async () => {
  const quantities = [
    ["1", "GiBy"],
    ["1073741824", "By"],
    ["1073741823", "By"],
    ["1.000000000000000000001", "GiBy"],
    ["7", "{call}"],
    ["1", "GBy"],
    ["3", "{object}"],
    ["2", "By.5.min"],
    ["600", "By.s"],
    ["1", "GHz"],
    ["1000", "MHz"],
    ["8", null],
    ["1", "GiBy"],
  ];
  const records = recordsWith(quantities.map(([quantity, unit], at) => ({ quantity, unit, pointer: `/${at}` })));
  await holds(records, "units");
  assert.equal((await sorted(records, "quantity", true)).blocks, 6);
});

test("what_a_unit_is_worth_is_what_the_package_converts_it_to", () => {
  for (const [unit, base] of [
    ["GiBy", "By"],
    ["kBy", "By"],
    ["TiBy.d", "By.s"],
    ["By.5.min", "By.s"],
    ["GHz.h", "MHz.s"],
    ["{unit}.5.min", "{unit}.s"],
    ["{call}", "{call}"],
  ]) {
    const { dimension, factor } = baseOf(unit);
    assert.deepEqual([dimension, String(factor)], [base, convert("1", unit, base)], unit);
  }
});

test("costs_are_sorted_in_each_currency_and_the_unknown_one_is_last", async () => {
  const costs = [
    ["1", "USD"],
    ["2", "EUR"],
    ["0.5", null],
    [null, null],
    ["3", "EUR"],
    ["-1", "USD"],
    ["0.5", null],
  ];
  const records = recordsWith(costs.map(([cost, currency], at) => ({ cost, currency, pointer: `/${at}` })));
  await holds(records, "costs");
  assert.deepEqual(
    (await sorted(records, "cost", true)).records.map(({ pointer }) => pointer),
    ["/4", "/1", "/0", "/5", "/2", "/6", "/3"],
  );
});

test("times_finer_than_a_double_are_distinguished", async () => {
  const starts = [
    "2024-01-01T00:00:00.0000001Z",
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00.123456789Z",
    "2024-01-01T00:00:00.123456788Z",
    null,
    "1969-12-31T23:59:59.999999999Z",
    "1969-12-31T23:59:59.5Z",
    "2024-01-01T00:00:00Z",
    "2023-12-31T23:59:59.999999999Z",
  ];
  const records = recordsWith(starts.map((start, at) => ({ start, end: null, pointer: `/${at}` })));
  await holds(records, "times");
});

test("texts_are_sorted_by_code_point", async () => {
  const names = ["b", "\u{1D11E}", "\uFF5E", "a", null, "", "é", "B", "\uE000", "a"];
  await holds(
    recordsWith(
      names.map((name, at) => ({ region: name, account: name, resourceName: name, resourceId: at % 3 === 0 ? null : String(at % 2), pointer: `/${at}` })),
    ),
    "texts",
  );
  assert.deepEqual(["\uFF5E", "\u{1D11E}"].sort(byCodePoint), ["\uFF5E", "\u{1D11E}"]);
});

test("every_fixture_is_sorted_as_by_hand_alone_and_together", async () => {
  const tables = ALL.map((name) => normalize(fixture(name), { onError: "collect" })).filter(({ length }) => length > 0);
  const all = tables.flatMap((table, at) => table.records().map((record) => ({ ...record, page: at })));
  await holds(all, "all", () => partsOf(...tables.map((table) => new TableHolding(table, [table.format]))));
});

test("rows_in_any_mix_of_numbers_and_units_are_sorted_as_by_hand", async () => {
  const roll = dice(7);
  const units = ["By", "kBy", "GiBy", "GiBy.d", "By.5.min", "{call}", null];
  const decimal = () => {
    const text = `${roll(3) === 0 ? "-" : ""}${roll(4) === 0 ? roll(3) : 9_007_199_254_740_990 + roll(8)}${roll(3) === 0 ? `.${"0".repeat(roll(20))}${1 + roll(3)}` : ""}`;
    return /[1-9]/.test(text) ? text : "0";
  };
  const records = recordsWith(
    Array.from({ length: 4000 }, (_, at) => ({
      quantity: roll(20) === 0 ? null : decimal(),
      unit: units[roll(units.length)],
      cost: roll(2) === 0 ? null : decimal(),
      currency: [null, "EUR", "USD"][roll(3)],
      pointer: `/${at}`,
    })),
  );
  const parts = () => partsOf(new RecordsHolding(records.slice(0, 1500)), new RecordsHolding(records.slice(1500)));
  await holds(records, "mix", parts);
});

test("a_selection_of_places_is_sorted_for_itself", async () => {
  const records = recordsWith(["5", "1", "4", "2", "3"].map((quantity, at) => ({ quantity, pointer: `/${at}` })));
  const { rows } = await orderOf(
    [{ holding: new RecordsHolding(records), places: Uint32Array.of(0, 2, 4), length: 3 }],
    { column: "quantity", descending: false },
    noStep,
  );
  assert.deepEqual([...rows], [2, 1, 0]);
});

test("doubles_are_put_in_order_as_they_compare_and_ties_stay", () => {
  const keys = Float64Array.of(3, NaN, -0, 0, -1.5, Infinity, 5e-324, -Infinity, 3, -1.5, NaN, 2 ** 53);
  assert.deepEqual([...placesByKey(keys)], [7, 4, 9, 2, 3, 6, 0, 8, 11, 5, 1, 10]);
  assert.deepEqual([...placesByKey(keys, Uint32Array.of(8, 0, 9, 4))], [9, 4, 8, 0]);
  assert.deepEqual([...placesByKey(new Float64Array())], []);
});
