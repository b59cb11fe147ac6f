// OnApp's hours: each has a time of its own, and a summary is not taken for one of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, answering, body, failure, json, sources } from "./support.mjs";

const stat = (time, cost = 1) => ({ user_stat: { user_id: 4, vm_cost: cost, total_cost: cost, currency_code: "EUR", ...time } });
const at = (hour) => ({ stat_time: `2024-01-01T${String(hour).padStart(2, "0")}:43:36Z` });
const element = (time) => `<user_stat><vm_cost>1</vm_cost><user_id>4</user_id>${time}</user_stat>`;
const DAY = { from: "2024-01-01", to: "2024-01-02" };
const THREE_DAYS = { from: "2024-01-01", to: "2024-01-04" };

const nowhere = {
  json: [{}, { stat_time: null }].map((time) => JSON.stringify([stat(at(1)), stat(time)])),
  xml: ["", '<stat_time nil="true"/>', '<stat_time nil="true"></stat_time>'].map(
    (time) => `<user_stats type="array">${element("<stat_time>2024-01-01T01:43:36Z</stat_time>")}${element(time)}</user_stats>`,
  ),
};

for (const [encoding, bodies] of Object.entries(nowhere)) {
  test(`an_hour_without_a_time_is_an_error_that_says_where (${encoding})`, async () => {
    for (const text of bodies) {
      const source = sources.onapp(answering(() => new Response(text)).fetch, { encoding, daysPerRequest: 1 });
      for (const ask of [all(source.records(THREE_DAYS)), source.table(THREE_DAYS), new Response(source.stream(THREE_DAYS, "csv")).text()]) {
        const error = await failure(ask, "missing-field");
        assert.deepEqual([error.page, error.pointer], [0, encoding === "json" ? "/1/user_stat" : "/user_stats/user_stat[2]"]);
      }
    }
  });
}

test("an_hour_without_a_time_is_reported_as_an_issue_and_given_in_no_slice", async () => {
  const issues = [];
  const source = sources.onapp(answering(json([stat({})])).fetch, { encoding: "json", daysPerRequest: 1 });
  assert.deepEqual(await all(source.records(THREE_DAYS, { onIssue: (issue) => issues.push(issue.code) })), []);
  assert.deepEqual(issues, ["missing-field", "missing-field", "missing-field"]);
});

const summaries = {
  json: [stat({ stat_time: null }), stat(at(5)), stat(at(5)).user_stat, { stat_time: "2024-01-01T05:00:00Z", vm_cost: 1, total_cost: 1 }].map((one) =>
    JSON.stringify(one),
  ),
  xml: ["", '<?xml version="1.0"?>\n', "\ufeff", "<?xml version='1.0'?><!-- a summary -->\n"].map(
    (before) => `${before}${element("<stat_time>2024-01-01T05:43:36Z</stat_time>")}`,
  ),
};

for (const [encoding, bodies] of Object.entries(summaries)) {
  test(`a_summary_is_not_taken_for_an_hour (${encoding})`, async () => {
    for (const text of bodies) {
      for (const pieces of [[text], [...text]]) {
        const source = sources.onapp(answering(() => new Response(body(...pieces))).fetch, { encoding });
        const given = [];
        const error = await failure(
          (async () => {
            for await (const record of source.records(DAY)) {
              given.push(record);
            }
          })(),
          "unexpected-shape",
        );
        assert.match(error.message, /hourly_stats/);
        assert.deepEqual([error.missing, error.page, given], ["the hours", 0, []]);
        await failure(source.table(DAY), "unexpected-shape");
      }
    }
  });
}

const LONG = 40_000;
const prologues = {
  json: [" ".repeat(LONG), "\n".repeat(4095)],
  xml: [
    " ".repeat(LONG),
    `<!--${"-x?".repeat(LONG / 3)}-->`,
    `<?xml version="1.0"?>${"<!-- a -->\n".repeat(LONG / 11)}`,
    `<?note ${"?-".repeat(LONG / 2)}?>`,
    "<!----><!-->-->",
  ],
};

for (const [encoding, befores] of Object.entries(prologues)) {
  test(`whatever_comes_before_it_a_summary_is_not_taken_for_an_hour (${encoding})`, async () => {
    const hours = {
      json: JSON.stringify([stat(at(5))]),
      xml: `<user_stats type="array">${element("<stat_time>2024-01-01T05:43:36Z</stat_time>")}</user_stats>`,
    }[encoding];
    for (const before of befores) {
      for (const cut of [Infinity, 4096, 1000, 3]) {
        const pieces = (text) => (cut === Infinity ? [text] : text.match(new RegExp(`[\\s\\S]{1,${cut}}`, "g")));
        const source = (text) => sources.onapp(answering(() => new Response(body(...pieces(text)))).fetch, { encoding, maxPageBytes: 100 });
        await failure(
          all(
            source(
              before +
                summaries[encoding]
                  .at(1)
                  .trim()
                  .replace(/^<\?.*?\?>\n/, ""),
            ).records(DAY),
          ),
          "unexpected-shape",
        );
        assert.equal((await all(source(before + hours).records(DAY))).length, encoding === "json" ? 2 : 1);
      }
    }
  });
}

test("an_error_reply_to_hours_is_the_providers_own", async () => {
  for (const [encoding, text] of [
    ["json", '{"errors":["no such user"]}'],
    ["json", '{ "error" : "no such user"}'],
    ["xml", "<errors><error>no such user</error></errors>"],
  ]) {
    const error = await failure(all(sources.onapp(answering(() => new Response(text)).fetch, { encoding }).records(DAY)), "provider-error");
    assert.deepEqual(error.providerMessages, ["no such user"]);
  }
});

test("hours_are_read_however_their_body_is_cut", async () => {
  for (const text of [JSON.stringify([stat(at(1)), stat(at(2))]), "[]"]) {
    for (const pieces of [[text], [...text]]) {
      const source = sources.onapp(answering(() => new Response(body(...pieces))).fetch, { encoding: "json" });
      assert.equal((await all(source.records(DAY))).length, text === "[]" ? 0 : 4);
    }
  }
});

test("a_summary_that_was_asked_for_is_one", async () => {
  const source = sources.onapp(answering(json(stat({ stat_time: null }))).fetch, { encoding: "json" });
  const records = await all(source.records({ ...DAY, resolution: "total" }));
  assert.deepEqual([...new Set(records.map(({ start, end }) => `${start} ${end}`))], ["2024-01-01T00:00:00Z 2024-01-02T00:00:00Z"]);
});
