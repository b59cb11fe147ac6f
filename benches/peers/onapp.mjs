// OnApp hours by day, as JavaScript would do it.
import { Decimal } from "decimal.js";
import { XMLParser } from "fast-xml-parser";
import { SaxesParser } from "saxes";

const decoder = new TextDecoder();
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, isArray: (name) => name === "user_stat" });

/** fast-xml-parser, then a Map of sums. What occurs twice comes as an array. */
export function fastXmlParser(body) {
  const days = new Map();
  for (const stat of parser.parse(decoder.decode(body)).user_stats.user_stat) {
    const day = stat.stat_time.slice(0, 10);
    let sums = days.get(day);
    if (sums === undefined) {
      sums = {};
      days.set(day, sums);
    }
    for (const name in stat) {
      if (name.endsWith("_cost")) {
        const value = stat[name];
        const cost = Array.isArray(value) ? value.reduce((sum, one) => sum + Number(one), 0) : Number(value);
        sums[name] = (sums[name] ?? 0) + cost;
      }
    }
  }
  return rowsOf(days, (cost) => cost);
}

/** A streaming parser, summing while it reads. */
export const saxes = (body) =>
  rowsOf(
    daysOf(body, 0, (sum, text) => sum + Number(text)),
    (cost) => cost,
  );

const Exact = Decimal.clone({ precision: 100, toExpPos: 1000, toExpNeg: -1000 });

/** The same in decimals: exact as we are. */
export const exact = (body) =>
  rowsOf(
    daysOf(body, new Exact(0), (sum, text) => sum.plus(text)),
    (cost) => cost.toString(),
  );

function daysOf(body, zero, add) {
  const days = new Map();
  const sax = new SaxesParser();
  let stat = [];
  let time = "";
  let text = "";
  sax.on("opentag", () => {
    text = "";
  });
  sax.on("text", (piece) => {
    text += piece;
  });
  sax.on("closetag", ({ name }) => {
    if (name.endsWith("_cost")) {
      stat.push([name, text]);
    } else if (name === "stat_time") {
      time = text;
    } else if (name === "user_stat") {
      const day = time.slice(0, 10);
      let sums = days.get(day);
      if (sums === undefined) {
        sums = {};
        days.set(day, sums);
      }
      for (const [field, cost] of stat) {
        sums[field] = add(sums[field] ?? zero, cost);
      }
      stat = [];
    }
    text = "";
  });
  sax.write(decoder.decode(body)).close();
  return days;
}

function rowsOf(days, costOf) {
  const rows = [];
  for (const [day, sums] of days) {
    for (const name in sums) {
      rows.push({ day, metric: `cost.${name.slice(0, -"_cost".length)}`, cost: costOf(sums[name]) });
    }
  }
  return rows;
}
