// Builders and small helpers that the rules share. They do not use the engine: expected values are computed independently of it.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text) => encoder.encode(text);
export const text = (body) => decoder.decode(body);

export const concat = (parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

// ---- bodies

/** A Barracuda reply; rows are [date, bytes] with bytes as JSON text. */
export const barracuda = (rows, { user = "acme", form = "partners", page = 1, count = rows.length } = {}) =>
  `{"page":${page},"page_size":30,"count":${count},"links":[{"rel":"first","href":"https://api.intronis.com/v1/${form}/${user}/usage_history?page=1"}],` +
  `"list":[${rows.map(([date, value]) => `{"date":"${date}","bytes":${value}}`).join(",")}]}`;

export const BARRACUDA_URL = "https://api.intronis.com/v1/partners/acme/usage_history";

/** One deviceWISE command that succeeded. */
export const devicewise = (counters, ts, { id = "1", total = 0 } = {}) => JSON.stringify({ [id]: { success: true, params: { counters, total, ts } } });

/** The request that asked for it. */
export const devicewiseRequest = (params, { id = "1", command = "usage.api.history" } = {}) => ({
  url: "https://api.devicewise.com/api",
  body: JSON.stringify({ [id]: { command, params } }),
});

/** CloudSigma rows of days: [date, resource_type, usage, amount]. */
export const cloudsigmaDaily = (rows, meta = { limit: 0, offset: 0, total_count: rows.length }) =>
  `{"meta":${JSON.stringify(meta)},"objects":[${rows
    .map(([date, type, usage, amount]) => `{"amount":"${amount}","date":"${date}","resource_type":"${type}","usage":${usage}}`)
    .join(",")}]}`;

/** A Wasabi bucket row. `fields` are the measured ones, as JSON values or as number text. */
export const wasabiRow = ({ account = 101430, bucket = 7, name = "jk", region = "us-east-1", start, end, created = "2030-01-01T00:00:00Z", ...fields }) =>
  `{"BucketUtilizationNum":1,"AcctNum":${account},"AcctPlanNum":0,"BucketNum":${bucket},"StartTime":"${start}","EndTime":"${end}","CreateTime":"${created}",` +
  Object.entries(fields)
    .map(([field, value]) => `"${field}":${value},`)
    .join("") +
  `"Bucket":${JSON.stringify(name)},"Region":${JSON.stringify(region)}}`;

export const wasabi = (...rows) => `[${rows.map(wasabiRow).join(",")}]`;

/** A Wasabi row of one hour of one API call count. */
export const callsAt = (start, calls, more = {}) => ({ start, end: later(start, 3600), NumAPICalls: calls, ...more });

/** An OnApp hourly list in XML; each row holds its fields in order, given as [name, text] pairs. */
export const onapp = (...rows) =>
  `<user_stats type="array">${rows
    .map((fields) => `<user_stat>${fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("")}</user_stat>`)
    .join("")}</user_stats>`;

/** The instant `seconds` after an instant written in UTC. */
export const later = (instant, seconds) => stamp(Date.parse(instant) + seconds * 1000);

const stamp = (milliseconds) => new Date(milliseconds).toISOString().replace(".000Z", "Z");

// ---- what was read

/** A value made when a rule first asks for it: a body that cannot be read fails that rule and not its whole file. */
export const lazy = (make) => {
  let made;
  return () => (made ??= { value: make() }).value;
};

const same = (a, b) =>
  a === b || (Object(a) === a && Object(b) === b && Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => same(a[key], b[key])));

const matches = (record, where) => Object.entries(where).every(([field, value]) => same(record[field], value));

export const select = (source, where) => [...source].filter((record) => matches(record, where));

/** The one record that answers the description. */
export const only = (assert, source, where) => {
  const found = select(source, where);
  assert.lengthOf(found, 1, `records that are ${JSON.stringify(where)}`);
  return found[0];
};

export const sortedById = (records) => [...records].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** Runs `act`, which must fail with a MeterglotError of this code, and gives the error. */
export const fails = (tools, code, act, about) => {
  try {
    act();
  } catch (error) {
    return refusal(tools, code, error, about);
  }
  return refusal(tools, code, undefined, about);
};

/** The same for something that is awaited. */
export const rejects = async (tools, code, act, about) => {
  try {
    await act();
  } catch (error) {
    return refusal(tools, code, error, about);
  }
  return refusal(tools, code, undefined, about);
};

const refusal = ({ assert, meterglot }, code, error, about = "") => {
  assert.exists(error, `nothing was thrown; due was ${code} ${about}`);
  assert.instanceOf(error, meterglot.MeterglotError, `${about} ${String(error)}`);
  assert.equal(error.code, code, `${about} ${error.message}`);
  return error;
};

/** Line and column of a byte, both from 1, columns in bytes. */
export const placeOf = (body, offset) => {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    if (body[i] === 0x0a) {
      line += 1;
      lineStart = i + 1;
    }
  }
  return { line, column: offset - lineStart + 1, offset };
};

/** The byte offset of the nth occurrence of a text. */
export const offsetOf = (body, needle, nth = 1) => {
  const wanted = bytes(needle);
  for (let i = 0, seen = 0; i + wanted.length <= body.length; i++) {
    if (wanted.every((byte, k) => body[i + k] === byte) && ++seen === nth) return i;
  }
  throw new Error(`expected "${needle}" ${nth} times in the body`);
};

export const standsAt = (assert, fault, body, offset) => {
  const { line, column } = placeOf(body, offset);
  assert.deepEqual({ offset: fault.offset, line: fault.line, column: fault.column }, { offset, line, column }, fault.message);
};

/** The fault has a position whose three parts agree, and it is in [from, to]. */
export const standsWithin = (assert, fault, body, from, to) => {
  assert.isNumber(fault.offset, fault.message);
  assert.isAtLeast(fault.offset, from, fault.message);
  assert.isAtMost(fault.offset, to, fault.message);
  standsAt(assert, fault, body, fault.offset);
};

// ---- exact arithmetic

const power = (exponent) => 10n ** BigInt(exponent);

/** A decimal text as [numerator, power of ten below it]. */
const parts = (decimal) => {
  const [whole, fraction = ""] = decimal.split(".");
  return [BigInt(whole + fraction), fraction.length];
};

const canonical = (scaled, digits) => {
  const sign = scaled < 0n ? "-" : "";
  const padded = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, "0");
  const whole = padded.slice(0, padded.length - digits);
  const fraction = padded.slice(padded.length - digits).replace(/0+$/, "");
  return sign + whole + (fraction && `.${fraction}`);
};

/** The exact sum of decimals. */
export const sum = (decimals) => {
  const split = decimals.map(parts);
  const digits = Math.max(0, ...split.map(([, scale]) => scale));
  return canonical(
    split.reduce((total, [n, scale]) => total + n * power(digits - scale), 0n),
    digits,
  );
};

/** numerator ÷ denominator (integers): whole where it ends, else rounded at `digits`. A quotient that does not end has no tie. */
export const quotient = (numerator, denominator, digits = 20) => {
  const [n, d] = [BigInt(numerator), BigInt(denominator)];
  for (let scale = 0; scale <= 300; scale++) {
    if ((n * power(scale)) % d === 0n) return canonical((n * power(scale)) / d, scale);
  }
  const twice = 2n * n * power(digits);
  const rounded = n < 0n ? -((-twice + d) / (2n * d)) : (twice + d) / (2n * d);
  return canonical(rounded, digits);
};

// ---- chance that repeats

/** Numbers in [0, 1) from a seed. */
export const chance = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};

export const shuffled = (list, random) => {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1));
    [result[i], result[k]] = [result[k], result[i]];
  }
  return result;
};

/** A list cut into pieces at places of chance; pieces may be empty. */
export const pieces = (list, random, count) => {
  const cuts = Array.from({ length: count - 1 }, () => Math.floor(random() * (list.length + 1))).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => list.slice(from, [...cuts, list.length][i]));
};

// ---- streams

/** Everything a transform gives for these chunks. */
export const drain = async (stream, chunks) => {
  const writer = stream.writable.getWriter();
  const feeding = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  feeding.catch(() => {});
  const reader = stream.readable.getReader();
  const out = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    out.push(value);
  }
  await feeding;
  return out;
};

// ---- a reader of CSV, by RFC 4180 alone

export const readCsv = (source) => {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  let ended = false;
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    ended = false;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (source[i + 1] === '"') cell += source[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") {
      rows.at(-1).push(cell);
      cell = "";
    } else if (c === "\r" && source[i + 1] === "\n") {
      i++;
      rows.at(-1).push(cell);
      cell = "";
      rows.push([]);
      ended = true;
    } else cell += c;
  }
  if (ended) rows.pop();
  else rows.at(-1).push(cell);
  return rows;
};

/** The keys of a record, in the order of the contract. */
export const RECORD_KEYS = [
  "id",
  "provider",
  "format",
  "account",
  "resourceId",
  "resourceName",
  "resourceType",
  "region",
  "metric",
  "providerField",
  "dimensions",
  "kind",
  "quantity",
  "unit",
  "cost",
  "currency",
  "start",
  "end",
  "utcOffset",
  "partOf",
  "pointer",
  "page",
  "notes",
];

export const ERROR_CODES = [
  "unknown-format",
  "invalid-encoding",
  "invalid-json",
  "invalid-xml",
  "provider-error",
  "unexpected-shape",
  "missing-field",
  "invalid-number",
  "number-out-of-range",
  "invalid-timestamp",
  "length-mismatch",
  "limit-exceeded",
  "invalid-option",
  "incompatible-aggregation",
  "mixed-currency",
  "conflicting-record",
  "internal",
];
