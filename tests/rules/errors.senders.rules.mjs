// ERRORS: the provider of an error reply. A request's host and path take precedence over its form; only what the vendor marks as an error is one.
import { bytes, drain, fails, rejects } from "./support.mjs";

export const URLS = {
  barracuda: [
    "https://api.intronis.com/v1/partners/acme/usage_history",
    "https://auth.intronis.com/oauth2/token",
    "https://auth.echo.intronis.com/oauth2/token",
  ],
  devicewise: ["https://api.devicewise.com/api", "https://api-de.devicewise.com/api"],
  cloudsigma: ["https://zrh.cloudsigma.com/api/2.0/burstusage/", "https://hnl.cloudsigma.com/api/2.0/dailyburstusage/"],
  wasabi: [
    "https://partner.wasabisys.com/v1/accounts/7/utilizations",
    "https://stats.wasabisys.com/v1/standalone/utilizations/bucket",
    "https://billing.wasabisys.com/utilization/bucket/",
    "https://api.wacm.wasabisys.com/v1/usages",
  ],
  onapp: ["https://cloud.example/users/4/user_statistics.json?hourly_stats", "http://10.0.0.1/users/4"],
};

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, parse, detect, normalizeStream, nextRequest, Listing } = meterglot;
  const env = { assert, meterglot };
  const failure = (body, options) => fails(env, "provider-error", () => normalize(body, options), typeof body === "string" ? body : "");
  const told = (error) => [error.provider, error.providerCodes, error.providerMessages];
  const everyUrl = Object.entries(URLS).flatMap(([provider, urls]) => urls.map((url) => [provider, url]));

  // Each of them says "no": in some vendor's shape, or in what a gateway before it answers.
  const shapes = [
    '{"error":"no"}',
    '{"errors":["no"]}',
    '{"error":["no"]}',
    '{"message":"no"}',
    '{"Message":"no"}',
    '{"Msg":"no"}',
    '{"error":{"message":"no"}}',
    '{"errors":{"period":["no"]}}',
    '[{"error_type":null,"error_message":"no","error_point":null}]',
    '{"success":false,"errorMessages":["no"]}',
    '{"success":false,"message":"no"}',
    '{"error_message":"no"}',
    '{"detail":"no"}',
    "<errors><error>no</error></errors>",
    "<error>no</error>",
    "<Error><Message>no</Message></Error>",
    "<hash><error>no</error></hash>",
  ];

  rule("the_requests_host_or_path_says_whose_error_reply_it_is_whatever_its_shape", () => {
    for (const [provider, request] of everyUrl) {
      for (const body of shapes) assert.deepEqual(told(failure(body, { request })), [provider, [], ["no"]], `${request} ${body}`);
    }
  });

  rule("a_named_provider_comes_before_the_request_and_the_shape", () => {
    for (const provider of Object.keys(URLS)) {
      for (const body of shapes) {
        assert.deepEqual(told(failure(body, { provider })), [provider, [], ["no"]], `${provider} ${body}`);
        assert.equal(failure(body, { provider, request: URLS.wasabi[0] }).provider, provider, body);
      }
    }
  });

  rule("a_request_is_detected_behind_a_proxy_by_its_path_or_its_command", () => {
    for (const [provider, request] of [
      ["barracuda", "http://localhost:8080/v1/accounts/acme/usage_history?page=2"],
      ["cloudsigma", "http://localhost:8080/api/2.0/burstusage/"],
      ["wasabi", "http://localhost:8080/v1/utilizations/buckets"],
      ["onapp", "http://localhost:8080/users/4/user_statistics.xml"],
      ["devicewise", { url: "http://localhost:8080/api", body: '{"1":{"command":"usage.api.history","params":{"last":"24h"}}}' }],
    ])
      assert.equal(failure('{"error":"no"}', { request }).provider, provider, JSON.stringify(request));
  });

  rule("an_error_reply_without_request_and_provider_is_detected_by_its_shape", () => {
    for (const [body, ...due] of [
      ['{"error":["Token expired."]}', "barracuda", [], ["Token expired."]],
      ['{"error":"invalid_client"}', "barracuda", [], ["invalid_client"]],
      ['{"error":"invalid_scope","error_description":"Unknown scope"}', "barracuda", ["invalid_scope"], ["Unknown scope"]],
      ['{"message":"Forbidden"}', "wasabi", [], ["Forbidden"]],
      ['{"message":"Limit Exceeded","code":"429"}', "wasabi", ["429"], ["Limit Exceeded"]],
      ['{"Msg":"Not permitted"}', "wasabi", [], ["Not permitted"]],
      ['{"success":false,"message":"Unknown account"}', "wasabi", [], ["Unknown account"]],
      ['{"success":false}', "devicewise", [], []],
      ['{"success":"false","errorCodes":[-1]}', "devicewise", ["-1"], []],
      ['{"errorCodes":[-1],"errorMessages":["No"],"success":false}', "devicewise", ["-1"], ["No"]],
      ['[{"error_message":"error"}]', "cloudsigma", [], ["error"]],
      ['{"error":"Unauthorized"}', "onapp", [], ["Unauthorized"]],
      ["<hash><errors><error>Not found</error></errors></hash>", "onapp", [], ["Not found"]],
    ])
      assert.deepEqual(told(failure(body)), due, body);
  });

  rule("success_true_is_never_an_error", () => {
    for (const success of ["true", '"true"', '"True"']) {
      for (const rest of [
        "",
        ',"data":{"id":1}',
        ',"message":"Successfully read!"',
        ',"errorCodes":[],"errorMessages":[]',
        ',"error":null',
        ',"Msg":"x"',
        ',"errors":[]',
      ]) {
        for (const options of [{}, ...Object.keys(URLS).map((provider) => ({ provider })), ...everyUrl.map(([, request]) => ({ request }))]) {
          for (const body of [`{"success":${success}${rest}}`, `{${rest.slice(1)}${rest && ","}"success":${success}}`]) {
            fails(env, "unknown-format", () => normalize(body, options), `${body} ${JSON.stringify(options)}`);
          }
        }
      }
    }
    fails(env, "unknown-format", () => normalize('{"Msg":"OK"}', { provider: "wasabi" }));
  });

  rule("a_valid_reply_is_read_whatever_request_is_named_with_it", () => {
    const body = fixture("made/onapp-hourly.json");
    for (const [, request] of everyUrl) assert.equal(normalize(body, { request }).format, "onapp.user-statistics");
  });

  rule("every_way_of_reading_credits_an_error_reply_alike", async () => {
    const [body, request] = ['{"error":"Unauthorized"}', URLS.wasabi[0]];
    const due = ["wasabi", [], ["Unauthorized"]];
    assert.deepEqual(told(fails(env, "provider-error", () => parse(body, { request }))), due);
    assert.deepEqual(told(fails(env, "provider-error", () => nextRequest(body, { request }))), due);
    assert.isNull(detect(body, { request }));
    for (const size of [1, 5, 100]) {
      const chunks = [];
      for (let at = 0; at < body.length; at += size) chunks.push(bytes(body.slice(at, at + size)));
      assert.deepEqual(told(await rejects(env, "provider-error", () => drain(normalizeStream({ to: "ndjson", request }), chunks))), due);
    }
    const listing = new Listing({ to: "table" }).begin({ request });
    assert.deepEqual(told(fails(env, "provider-error", () => listing.push(bytes(body)) ?? listing.end())), due);
    const table = normalize(body, { request, onError: "collect" });
    assert.deepEqual([table.length, table.issues.map(({ code }) => code)], [0, ["provider-error"]]);
  });

  // 4xx and 5xx pages of gateways
  const pages = {
    plain: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    capitals: "<HTML><HEAD><TITLE>502 Bad Gateway</TITLE></HEAD></HTML>",
    "an XML prolog": '<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>502 Bad Gateway</title></head></html>',
    "an XHTML DOCTYPE":
      '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>502 Bad Gateway</title></head></html>',
    "a DOCTYPE of another name": '<!DOCTYPE page [<!ENTITY a "<html>">]>\n<!-- x --><hTmL><body><h1>502 <b>Bad</b>\n Gateway</h1></body></hTmL>',
    "a DOCTYPE in small letters over two lines": "<!doctype\n html>\n<html><title>502 Bad Gateway</title></html>",
    "a prefix": '<x:html xmlns:x="http://www.w3.org/1999/xhtml"><title>502 Bad Gateway</title></x:html>',
    "a byte order mark and white space": "\ufeff \r\n\t<!-- proxy --> <?pi?> <html><title>502 Bad Gateway</title></html>",
    "no root": "<head><title>502 Bad Gateway</title></head><body>x</body>",
  };
  for (const [name, page] of Object.entries(pages)) {
    rule(`an_html_page_with_${name}_is_a_provider_error_with_its_heading`, async () => {
      const error = failure(page, { provider: "onapp" });
      assert.deepEqual(told(error), ["onapp", [], ["502 Bad Gateway"]]);
      assert.include(error.message, "HTML page: 502 Bad Gateway");
      assert.isNull(detect(page));
      const whole = bytes(page);
      for (const size of [1, 7, 64]) {
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.slice(at, at + size));
        assert.deepEqual(told(await rejects(env, "provider-error", () => drain(normalizeStream({ to: "csv", provider: "onapp" }), chunks))), told(error));
      }
    });
  }

  rule("xml_with_a_doctype_is_still_refused", () => {
    for (const body of [
      '<?xml version="1.0"?><!DOCTYPE list><list page="1" page_size="30" count="0"/>',
      '<!DOCTYPE user_stats [<!ENTITY a "b">]><user_stats type="array"/>',
      "<!DOCTYPE list><!-- <html> --><list/>",
    ]) {
      assert.match(fails(env, "invalid-xml", () => normalize(body)).message, /DOCTYPE/);
    }
  });
};
