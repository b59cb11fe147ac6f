// ERRORS: what a message quotes is shortened to about 40 characters, whatever a body, a request or an option holds.
import { ALL } from "./fixtures.mjs";
import { bytes } from "./support.mjs";

const LONG = 100_000;
/** No message is longer, and no text in it is quoted at more length than this. */
const MOST = 1000;
const MOST_QUOTED = 60;

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, parse, detect, nextRequest, convert, aggregate, Aggregator, Listing, normalizeStream } = meterglot;
  const limits = { maxRowBytes: 1 << 24 };

  const isShort = (message, about) => {
    assert.isAtMost(message.length, MOST, `${about}: ${message.slice(0, 200)}`);
    const run = /(.)\1*/gsu;
    for (const [same] of message.matchAll(run)) assert.isAtMost(same.length, MOST_QUOTED, `${about}: ${message.slice(0, 200)}`);
  };
  /** Every message that reading gives, thrown and collected. */
  const check = (body, options, about) => {
    const every = { ...options, limits };
    for (const read of [normalize, parse]) {
      try {
        read(body, every);
      } catch (error) {
        isShort(error.message, about);
        for (const text of [...error.providerMessages, ...error.providerCodes]) assert.isAtMost(text.length, MOST + 1, about);
        assert.isAtMost(error.providerMessages.length, 100, about);
      }
      try {
        for (const { message } of read(body, { ...every, onError: "collect" }).issues) isShort(message, about);
      } catch (error) {
        isShort(error.message, about);
      }
    }
  };
  const long = (unit) => unit.repeat(Math.ceil(LONG / unit.length)).slice(0, LONG);

  rule("texts_of_a_hundred_kilobytes_in_every_place_of_a_fixture_are_quoted_short", () => {
    // A word is tried once for each provider: its other fixtures have it in the same places.
    const tried = new Set();
    for (const name of ALL) {
      const text = new TextDecoder().decode(fixture(name));
      if (text.length > 3000) continue;
      const [provider] = name.split("/").at(-1).split("-");
      // Every name, text, number, tag, entity and word of the body, in turn.
      const tokens = [...text.matchAll(/[\p{L}\p{N}_.:-]+/gu)];
      const step = Math.max(1, Math.ceil(tokens.length / 60));
      for (let i = 0; i < tokens.length; i += step) {
        const { index, 0: token } = tokens[i];
        if (tried.has(`${provider} ${token}`)) continue;
        tried.add(`${provider} ${token}`);
        check(bytes(text.slice(0, index) + token[0] + long("x") + text.slice(index + token.length)), {}, `${name} at ${index}`);
      }
    }
  });

  rule("long_texts_of_every_kind_are_quoted_short", () => {
    const x = long("x");
    const messages = [
      `<list page="1" count="1"><${x}></list>`,
      `<list page="1" count="1"></${x}>`,
      `<list page="1" count="1">&${x};</list>`,
      `<list page="&${x};" count="1"/>`,
      `<list page="1" count="1"><usage><date>${x}</date></usage></list>`,
      `<list page="1" count="1">${x}</list>`,
      `<${x}/>`,
      `<a ${x}="1" ${x}="2"/>`,
      `<list page="1" count="1"><usage><bytes>&#${x};</bytes></usage></list>`,
      `<list><${x}></${x.slice(1)}></list>`,
      `<error>${x}</error>`,
      `<html><title>${x}</title><h1>${x}</h1></html>`,
      `<html><h1>${long("y")}</h1>`,
      `{"${x}":1}`,
      `[{"${x}":1}]`,
      `${x}`,
      `"${x}"`,
      `{"error":"${x}"}`,
      `{"error":["${x}"]}`,
      `{"Msg":"${x}"}`,
      `{"errors":${JSON.stringify(Array.from({ length: 500 }, () => x.slice(0, 2000)))}}`,
      `{"${x}":{"success":false,"errorMessages":["${x}"],"errorCodes":["${x}"]}}`,
      `{"1":{"success":"${x}"}}`,
      `{"1":{"success":true,"params":{"counters":{"${x}":[1]},"ts":[]}}}`,
      `{"1":{"success":true,"params":{"counters":{"${x}":["${x}"]},"ts":["${x}"]}}}`,
      `[{"error_type":"${x}","error_message":"${x}"}]`,
      `{"success":false,"errorCodes":["${x}"],"errorMessages":["${x}"]}`,
      `{"objects":[{"resource_type":"${x}","usage":"${x}","amount":"${x}"}]}`,
      `[{"AcctNum":1,"BucketNum":2,"StartTime":"${x}","EndTime":"${x}"}]`,
      `HTTP/1.1 ${x}`,
      `StartTime,EndTime,${x}`,
      `{"objects":[{"resource_type":"cpu","usage":${"1".repeat(LONG)},"amount":1}]}`,
      `{"objects":[{"resource_type":"cpu","usage":1,"usage":2,"${x}":1}]}`,
      `<user_stats><user_stat><vm_cost>${x}</vm_cost></user_stat></user_stats>`,
      `<user_stats><user_stat><${x}_cost>${x}</${x}_cost></user_stat></user_stats>`,
      `[{"user_stat":"${x}"}]`,
      `{"user_stat":{"vm_stats":"${x}"}}`,
    ];
    for (const body of messages)
      for (const provider of [undefined, "barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"]) check(body, provider && { provider }, body.slice(0, 80));
  });

  rule("wide_characters_and_controls_are_quoted_short", () => {
    for (const unit of ["é", "😀", "\u0001", '"', "\\", "\u{10ffff}", "\ud800"]) {
      for (const make of [
        (text) => JSON.stringify({ error: text }),
        (text) => JSON.stringify({ [text]: 1 }),
        (text) => JSON.stringify([{ AcctNum: text, BucketNum: 1, StartTime: text, EndTime: text }]),
      ]) {
        try {
          normalize(make(unit.repeat(LONG)), { limits });
        } catch (error) {
          assert.isAtMost(error.message.length, MOST, JSON.stringify(unit));
        }
      }
    }
  });

  rule("names_of_a_request_and_of_its_commands_are_quoted_short", () => {
    const x = long("x");
    const body = '{"1":{"success":true,"params":{"counters":{"a":[1]},"ts":["2024-01-01T00:00:00Z"]}}}';
    check(body, { request: { url: "https://api.devicewise.com/api", body: JSON.stringify({ 1: { command: x, params: { start: x } } }) } }, "command");
    check('{"a":1}', { request: `https://${x}.wasabisys.com/${x}?${x}=${x}` }, "url");
  });

  rule("options_and_arguments_are_quoted_short", () => {
    const x = long("x");
    const body = fixture("made/wasabi-account-daily.json");
    const table = normalize(body);
    const calls = [
      () => normalize(body, { [x]: 1 }),
      () => normalize(body, { provider: x }),
      () => normalize(body, { request: x }),
      () => normalize(body, { currency: x }),
      () => normalize(body, { onError: x }),
      () => normalize(body, { period: { start: x, end: x } }),
      () => normalize(body, { period: { [x]: 1 } }),
      () => normalize(body, { limits: { [x]: 1 } }),
      () => normalize(body, { limits: { maxBytes: x } }),
      () => normalize(body, { request: { url: x } }),
      () => normalize(body, { request: { [x]: "" } }),
      () => detect(body, { [x]: 1 }),
      () => nextRequest(body, { request: x }),
      () => parse(body, { account: Symbol(x) }),
      () => convert(x, "By", "GiBy"),
      () => convert("1", x, "By"),
      () => convert("1", "By", x),
      () => convert("1", "By", "By", x),
      () => aggregate(table, { by: [x] }),
      () => aggregate(table, { window: x }),
      () => aggregate(table, { timeZone: x }),
      () => aggregate(table, { reduce: { [x]: x } }),
      () => aggregate(table, { reduce: { delta: x } }),
      () => aggregate(table, { units: { [x]: x } }),
      () => aggregate(table, { units: { "api.calls": x } }),
      () => aggregate(table, { where: { [x]: [] } }),
      () => aggregate(table, { where: { start: x } }),
      () => aggregate(table, { [x]: 1 }),
      () => aggregate(table, { fractionDigits: x }),
      () => aggregate(table, { split: x }),
      () => aggregate([{ ...table.records(0, 1)[0], metric: x, kind: "gauge" }], { reduce: { [x]: "sum" } }),
      ...["kind", "unit", "quantity", "start", "utcOffset", "format", "provider"].map((field) => () => aggregate([{ ...table.records(0, 1)[0], [field]: x }])),
      () => aggregate([{ ...table.records(0, 1)[0], dimensions: { [x]: 1 } }]),
      () => new Listing({ to: x }),
      () => new Listing({ to: "table" }).begin({ [x]: 1 }),
      () => normalizeStream({ to: x }),
      () => new Aggregator({ window: x }),
      () => new Aggregator().merge(x),
      () => table.records(x),
      () => normalize(x),
      () => normalize({ [x]: 1 }),
      () => normalize([x, 5]),
    ];
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        assert.instanceOf(error, meterglot.MeterglotError, String(call));
        isShort(error.message, String(call));
      }
    }
  });
};
