// Reads answers as a strict caller would: an answer is complete, or it is an error.
import assert from "node:assert/strict";
import { Sum } from "../../providers/decimal.mjs";

export const REPRESENTATIONS = { json: "application/json", ndjson: "application/x-ndjson", csv: "text/csv" };

/**
 * Returns `{ records }` of a complete answer, or `{ status, problem }` of one that reports a problem, before or after its first
 * byte. Throws for any other answer. If the transfer failed before a problem was sent, the problem is `transfer-failed`.
 */
export async function verdictOf(response) {
  const type = response.headers.get("content-type");
  const { text, failed } = await bodyOf(response);
  if (type === "application/problem+json") {
    const problem = JSON.parse(text);
    assert.equal(problem.status, response.status);
    return { status: response.status, problem };
  }
  assert.equal(response.status, 200, text.slice(0, 200));
  const read = { [REPRESENTATIONS.json]: readJson, [REPRESENTATIONS.ndjson]: readNdjson, [REPRESENTATIONS.csv]: readCsv }[type.split(";")[0]];
  // If the connection failed before the problem arrived, the rest of the answer may be incomplete.
  const said = !failed || text.includes('"problem') ? read(text) : {};
  return { status: 200, text, ...said, ...(failed && said.problem === undefined ? { records: undefined, problem: { code: "transfer-failed" } } : {}) };
}

/** Returns everything that was received, and whether the transfer failed. */
async function bodyOf(response) {
  const decoder = new TextDecoder();
  let text = "";
  let failed = false;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    assert.match(String(error), /terminated|aborted|broke off/);
    failed = true;
  }
  return { text: text + decoder.decode(), failed };
}

function readJson(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    // The last line of an aborted answer is a message for people; a program detects that the answer is not valid JSON.
    const { problem } = JSON.parse(text.trimEnd().split("\n").at(-1));
    return { problem, text };
  }
  assert.ok(answer.complete === true || answer.issues?.length > 0, "JSON that can be read is complete, or says what ended it");
  return { ...answer, text };
}

function readNdjson(text) {
  assert.ok(text === "" || text.endsWith("\n"), "the last line is whole");
  const lines = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const problems = lines.filter((line) => "problem" in line);
  if (problems.length > 0) {
    assert.deepEqual(problems, [lines.at(-1)], "a problem is the last line");
    return { problem: problems[0].problem, before: lines.length - 1, text };
  }
  return { records: lines, text };
}

function readCsv(text) {
  const rows = parseCsv(text);
  if (rows === null) {
    const [, code, detail] = /"problem: ([a-z-]+): ([\s\S]*)$/.exec(text) ?? [];
    assert.ok(code !== undefined, "CSV that cannot be read says why");
    return { problem: { code, detail }, text };
  }
  const [header, ...records] = rows;
  return {
    records: records.map((row) => {
      assert.equal(row.length, header.length);
      return Object.fromEntries(header.map((name, index) => [name, row[index] === "" ? null : row[index]]));
    }),
    text,
  };
}

/** Parses rows strictly by RFC 4180; null if a quote is not closed. */
export function parseCsv(text) {
  const rows = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let row = [];
  while (pattern.lastIndex < text.length) {
    const { lastIndex } = pattern;
    const match = pattern.exec(text);
    if (match === null) {
      assert.equal(text[lastIndex], '"', `not CSV at ${JSON.stringify(text.slice(lastIndex, lastIndex + 60))}`);
      return null;
    }
    const [, quoted, plain, end] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

/** Compares records with the sums of the provider's own data, metric by metric, to the last digit. */
export function assertExact(records, expected, message) {
  const sums = {};
  for (const { metric, quantity, cost } of records) {
    const sum = (sums[metric] ??= { records: 0, quantity: null, cost: null });
    sum.records += 1;
    for (const [name, value] of Object.entries({ quantity, cost })) {
      if (value !== null) {
        sum[name] = (sum[name] ?? new Sum()).addText(value);
      }
    }
  }
  const told = Object.entries(sums).map(([metric, { records: count, quantity, cost }]) => [
    metric,
    { records: count, quantity: quantity?.toString() ?? null, cost: cost?.toString() ?? null },
  ]);
  assert.deepEqual(Object.fromEntries(told.sort()), Object.fromEntries(Object.entries(expected.metrics).sort()), message);
  assert.equal(records.length, expected.records, message);
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length, "each record once");
}
