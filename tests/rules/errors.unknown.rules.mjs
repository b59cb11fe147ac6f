// ERRORS: the message for a body of no known format says what it is and what to use instead.
import { bytes, concat, drain, fails, rejects } from "./support.mjs";

const NAMED = ["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"];

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, detect, normalizeStream } = meterglot;
  const env = { assert, meterglot };

  /** In pieces of every size, collected or thrown: one answer. */
  const refused = async (code, body, words, options = {}) => {
    const whole = typeof body === "string" ? bytes(body) : body;
    const about = JSON.stringify(typeof body === "string" ? body : [...whole.slice(0, 8)]);
    const error = fails(env, code, () => normalize(whole, options), about);
    for (const word of words) assert.include(error.message, word, about);
    assert.isNull(detect(whole));
    const table = normalize(whole, { ...options, onError: "collect" });
    assert.deepEqual([table.length, table.issues.map(({ code: own, message }) => [own, message])], [0, [[code, error.message]]], about);
    for (const size of [1, 3, 1000]) {
      const chunks = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.slice(at, at + size));
      const streamed = await rejects(env, code, () => drain(normalizeStream({ to: "ndjson", ...options }), chunks), `${about} by ${size}`);
      assert.equal(streamed.message, error.message, `${about} by ${size}`);
    }
    return error;
  };

  const encodings = {
    gzip: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae],
    zstd: [0x28, 0xb5, 0x2f, 0xfd, 4, 0],
    deflate: [0x78, 0x9c, 0xab, 0xae],
    bzip2: [...bytes("BZh91AY&SY")],
    zip: [0x50, 0x4b, 3, 4, 20, 0],
    xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0],
    "UTF-16": [0xff, 0xfe, 0x7b, 0, 0x7d, 0],
  };
  for (const [name, start] of Object.entries(encodings)) {
    rule(`${name}_bytes_are_an_invalid_encoding_that_is_named`, async () => {
      const error = await refused("invalid-encoding", Uint8Array.from(start), [name]);
      assert.equal(error.offset, 0);
    });
  }

  rule("utf_16_is_named_with_a_byte_order_mark_and_without", async () => {
    const text = fixture("made/wasabi-account-daily.json");
    const little = concat([...text].map((byte) => Uint8Array.of(byte, 0)));
    const big = concat([...text].map((byte) => Uint8Array.of(0, byte)));
    for (const [body, order] of [
      [little, "little"],
      [concat([Uint8Array.of(0xff, 0xfe), little]), "little"],
      [big, "big"],
      [concat([Uint8Array.of(0xfe, 0xff), big]), "big"],
    ]) {
      await refused("invalid-encoding", body, ["UTF-16", order]);
    }
  });

  const CLOUDSIGMA = ["/api/2.0/dailyburstusage/"];
  const WASABI = ["/v1/utilizations"];
  const ONAPP = ["user_statistics"];
  const neighbours = {
    "the CSV of Wasabi's billing API": ["StartTime,EndTime,NumBillableActiveStorageObjects,RawActiveStorageBytes\n2024-01-01,2024-01-02,1,2\n", WASABI],
    "another resource of Wasabi's WACM Connect": ['{"success":true,"data":{"items":[{"subAccountId":1,"name":"acme"}],"page":1,"size":1,"total":1}}', WASABI],
    "WACM Connect": ['{"success":"True","message":"Successfully read!","data":{"id":1,"name":"acme"}}', WASABI],
    "CloudSigma's /ledger/": [
      '{"meta":{},"objects":[{"amount":"-1","billing_cycle":null,"interval":null,"human_interval":null,"reason":"Burst","time":"2024-01-01"}]}',
      CLOUDSIGMA,
    ],
    "CloudSigma's /currentusage/": ['{"balance":{"balance":"1","currency":"EUR"},"usage":{"cpu":{"burst":0,"subscribed":0,"using":0}}}', CLOUDSIGMA],
    "CloudSigma's XML": [
      '<?xml version="1.0"?><response><objects type="list"><object><amount>1</amount><resource_type>cpu</resource_type></object></objects><meta type="hash"/></response>',
      CLOUDSIGMA,
    ],
    "OnApp's monthly bills": ["<vm_stats><vm_stat><cost>1.5</cost><month>1</month></vm_stat></vm_stats>", ONAPP],
    "monthly bills": ['[{"cost":1.5,"month":1},{"cost":2,"month":2}]', ONAPP],
    "another resource of Barracuda's API": [
      '{"username":"acme","links":[{"rel":"self","href":"https://api.intronis.com/v1/partners/acme","title":"x"}]}',
      ["usage_history"],
    ],
  };
  for (const [name, [body, right]] of Object.entries(neighbours)) {
    rule(`a_reply_of_${name}_is_named_with_what_would_be_right`, async () => {
      await refused("unknown-format", body, [name, ...right]);
      for (const provider of NAMED) await refused("unknown-format", body, [name], { provider });
    });
  }

  rule("an_empty_listing_of_another_endpoint_is_no_empty_usage", async () => {
    const body = '{"meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}';
    for (const path of ["ledger", "subscriptions"]) {
      const request = `https://zrh.cloudsigma.com/api/2.0/${path}/?limit=20`;
      assert.include(fails(env, "unknown-format", () => normalize(body, { request })).message, `/${path}/`);
    }
    assert.equal(normalize(body, { request: "https://zrh.cloudsigma.com/api/2.0/dailyburstusage/" }).length, 0);
  });

  rule("a_body_with_its_http_head_left_on_is_reported_as_such", async () => {
    const body = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"page":1,"page_size":1,"count":0,"links":[],"list":[]}';
    await refused("unknown-format", body, ["HTTP response", "body"]);
    await refused("unknown-format", '1a2\r\n{"page":1}\r\n0\r\n\r\n', ["chunks"]);
  });

  rule("records_of_this_package_are_recognized_as_what_they_are", async () => {
    const table = normalize(fixture("provider-docs/wasabi-bucket-daily.json"));
    for (const body of [new TextDecoder().decode(table.toNDJSON()), JSON.stringify(table.records(0, 2)), JSON.stringify(table.records(0, 1)[0])]) {
      await refused("unknown-format", body, ["records of this package", "aggregate"]);
    }
  });

  rule("anything_else_is_described_by_its_shape_and_its_first_names", async () => {
    for (const [body, ...words] of [
      ['{"alpha":1,"be/ta":{"c":1}}', "an object", '"alpha"', '"be/ta"'],
      ['[{"alpha":1}]', "a list of objects", '"alpha"'],
      ["[5]", "a list"],
      ["{}", "an empty object"],
      ["<alpha><beta/></alpha>", "<alpha>", '"beta"'],
      ["Service Unavailable", "Service Unavailable"],
      ["5", "5"],
      ['"{\\"page\\":1}"', "JSON string"],
      [`{${Array.from({ length: 40 }, (_, i) => `"k${i}":1`).join(",")}}`, '"k0"', "and more"],
    ])
      await refused("unknown-format", body, words);
  });

  rule("what_would_be_right_is_reported_where_the_provider_is_known", async () => {
    for (const [provider, word] of Object.entries({
      devicewise: "usage.api.history",
      cloudsigma: "dailyburstusage",
      wasabi: "utilizations",
      onapp: "user_statistics",
    })) {
      await refused("unknown-format", '{"alpha":1}', [provider, word, '"alpha"'], { provider });
    }
    await refused("unknown-format", '{"alpha":1}', ["wasabi"], { request: "https://partner.wasabisys.com/v1/utilizations" });
  });
};
