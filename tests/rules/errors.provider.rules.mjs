// ERRORS: a provider's error reply is reported with its codes and messages, whatever the HTTP status was.
import { fails, rejects, drain, bytes } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, detect, normalizeStream } = meterglot;
  const env = { assert, meterglot };
  const failure = (body, options) => fails(env, "provider-error", () => normalize(body, options));
  const told = (error) => [error.provider, error.providerCodes, error.providerMessages];

  rule("devicewise_reports_a_failure_of_the_whole_reply", () => {
    assert.deepEqual(told(failure(fixture("made/devicewise-root-failure.json"))), ["devicewise", ["-7002", "-22"], ["Not authorized", "Device not found"]]);
  });

  rule("devicewise_reports_a_failure_of_one_command", () => {
    const error = failure(fixture("made/devicewise-mixed-batch.json"));
    assert.deepEqual(told(error), ["devicewise", ["-22"], ["Device not found"]]);
    assert.match(error.pointer, /^\/2\b/);
  });

  rule("collect_keeps_the_commands_that_did_not_fail", () => {
    const table = normalize(fixture("made/devicewise-mixed-batch.json"), { onError: "collect" });
    assert.deepEqual([table.length, table.format], [5, "devicewise.api-history"]);
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["provider-error"],
    );
    assert.match(table.issues[0].pointer, /^\/2\b/);
    assert.match(table.issues[0].message, /Device not found/);
  });

  rule("devicewise_keys_of_an_error_are_read_in_any_case", () => {
    assert.deepEqual(told(failure(fixture("made/devicewise-lower-case-keys.json"))), ["devicewise", ["-6428"], ["Timed out"]]);
    assert.deepEqual(told(failure('{"success":false,"errorcodes":[-1],"errormessages":["No"]}')), ["devicewise", ["-1"], ["No"]]);
  });

  rule("devicewise_codes_or_messages_may_be_missing", () => {
    assert.deepEqual(told(failure(fixture("made/devicewise-error-without-codes.json"))), ["devicewise", [], ["Something failed"]]);
    assert.deepEqual(told(failure('{"1":{"success":false}}')), ["devicewise", [], []]);
    assert.deepEqual(told(failure('{"1":{"success":false,"errorCodes":[-22]}}')), ["devicewise", ["-22"], []]);
    assert.deepEqual(told(failure('{"1":{"success":false,"errorCodes":null,"errorMessages":null}}')), ["devicewise", [], []]);
  });

  rule("devicewise_reports_its_old_singular_message", () => {
    assert.deepEqual(told(failure(fixture("made/devicewise-error-message-singular.json"))), ["devicewise", [], ["Session is invalid"]]);
  });

  rule("cloudsigma_reports_a_list_of_errors", () => {
    assert.deepEqual(told(failure(fixture("made/cloudsigma-error.json"))), ["cloudsigma", ["validation", "permission"], ["Enter a valid date", "Not yours"]]);
    assert.deepEqual(told(failure(fixture("made/cloudsigma-error.partial.json"))), ["cloudsigma", [], ["error"]]);
  });

  rule("wasabi_reports_its_msg", () => {
    assert.deepEqual(told(failure(fixture("made/wasabi-error.json"))), ["wasabi", [], ["You are not permitted to complete that action"]]);
    assert.equal(failure('{"message":"no"}', { provider: "wasabi" }).provider, "wasabi");
  });

  rule("onapp_reports_a_list_of_errors", () => {
    assert.deepEqual(told(failure(fixture("made/onapp-error.list.json"))), ["onapp", [], ["Resource not found", "Try again"]]);
  });

  rule("onapp_reports_one_error", () => {
    assert.deepEqual(told(failure(fixture("made/onapp-error.one.json"))), ["onapp", [], ["Resource not found"]]);
  });

  rule("onapp_reports_errors_by_field", () => {
    const error = failure(fixture("made/onapp-error.fields.json"));
    assert.equal(error.provider, "onapp");
    assert.lengthOf(error.providerMessages, 3);
    ["is too long", "is in the future", "is not known"].forEach((text, i) => assert.include(error.providerMessages[i], text));
  });

  rule("onapp_reports_errors_in_xml", () => {
    assert.deepEqual(told(failure(fixture("made/onapp-error.xml"))), ["onapp", [], ["Resource not found", "Try again"]]);
  });

  rule("a_page_of_html_is_a_provider_error", () => {
    for (const name of ["made/onapp-error.html", "made/onapp-error.doctype.html"]) {
      for (const provider of [undefined, "onapp", "wasabi", "barracuda", "cloudsigma", "devicewise"]) {
        const error = failure(fixture(name), provider && { provider });
        assert.equal(error.provider, provider ?? null, name);
        assert.isNull(detect(fixture(name)));
      }
    }
    assert.include(failure(fixture("made/onapp-error.html"), { provider: "onapp" }).providerMessages.join(" "), "500 Internal Server Error");
    assert.include(failure(fixture("made/onapp-error.doctype.html")).providerMessages.join(" "), "503 Service Unavailable");
  });

  rule("html_is_known_in_any_case_and_after_white_space", () => {
    for (const page of [
      "<HTML><BODY>Bad Gateway</BODY></HTML>",
      "\r\n  <html>\n<body>Bad Gateway<br>",
      "\ufeff<!doctype HTML><html><body><p>Bad Gateway",
      "<!-- x --><html><body>Bad Gateway</body></html>",
    ])
      failure(page, { provider: "onapp" });
  });

  rule("html_cut_short_or_not_well_formed_is_still_a_provider_error", () => {
    const page = fixture("made/onapp-error.doctype.html");
    for (let length = 25; length < page.length; length += 5) failure(page.slice(0, length));
  });

  rule("barracuda_reports_any_object_without_a_list", () => {
    const error = failure(fixture("made/barracuda-error.json"), { provider: "barracuda" });
    assert.deepEqual(told(error), ["barracuda", ["403"], ["The scope partners_read is missing"]]);
    for (const body of ['{"title":"Gone"}', '{"description":"Gone"}']) assert.deepEqual(failure(body, { provider: "barracuda" }).providerMessages, ["Gone"]);
    failure("{}", { provider: "barracuda" });
  });

  rule("barracuda_reports_any_root_other_than_list", () => {
    const error = failure(fixture("made/barracuda-error.xml"), { provider: "barracuda" });
    assert.equal(error.provider, "barracuda");
    assert.include(error.providerMessages.join(" "), "The token has expired");
  });

  rule("barracuda_reports_an_error_of_its_token_endpoint", () => {
    const error = failure(fixture("made/barracuda-oauth-error.json"));
    assert.equal(error.provider, "barracuda");
    assert.deepEqual(error.providerCodes, ["invalid_grant"]);
    assert.include(error.providerMessages.join(" "), "The client is not known");
  });

  const wholeBodies = [
    "made/devicewise-root-failure.json",
    "made/cloudsigma-error.json",
    "made/wasabi-error.json",
    "made/onapp-error.list.json",
    "made/onapp-error.one.json",
    "made/onapp-error.fields.json",
    "made/onapp-error.xml",
    "made/onapp-error.html",
    "made/onapp-error.doctype.html",
    "made/barracuda-oauth-error.json",
  ];
  rule("an_error_reply_collected_is_a_table_with_no_rows_and_one_issue", () => {
    for (const name of wholeBodies) {
      const table = normalize(fixture(name), { onError: "collect" });
      assert.deepEqual([table.length, table.format, table.issues.map(({ code }) => code)], [0, null, ["provider-error"]], name);
    }
  });

  rule("an_error_reply_is_no_format", () => {
    for (const name of wholeBodies) assert.isNull(detect(fixture(name)), name);
  });

  rule("an_error_on_one_page_leaves_the_other_pages", () => {
    const table = normalize([fixture("made/barracuda-pages-1.json"), '{"code":"500","message":"Try again"}'], { provider: "barracuda", onError: "collect" });
    assert.equal(table.length, 2);
    assert.deepEqual(
      table.issues.map(({ code, page }) => [code, page]),
      [["provider-error", 1]],
    );
    assert.equal(
      fails(env, "provider-error", () => normalize([fixture("made/barracuda-pages-1.json"), '{"message":"Try again"}'], { provider: "barracuda" })).page,
      1,
    );
  });

  rule("the_error_carries_its_message_for_those_who_only_print_it", () => {
    assert.include(failure(fixture("made/wasabi-error.json")).message, "You are not permitted");
    assert.include(failure(fixture("made/devicewise-root-failure.json")).message, "Not authorized");
  });

  rule("an_error_that_is_no_provider_error_has_no_codes_and_no_messages", () => {
    const error = fails(env, "unknown-format", () => normalize("{}"));
    assert.deepEqual([error.providerCodes, error.providerMessages, error.provider], [[], [], null]);
    assert.instanceOf(error, Error);
    assert.equal(error.name, "MeterglotError");
  });

  rule("a_stream_reports_a_provider_error_too", async () => {
    for (const name of wholeBodies) {
      const body = fixture(name);
      const one = failure(body);
      const error = await rejects(env, "provider-error", () => drain(normalizeStream({ to: "ndjson" }), [body.slice(0, 7), body.slice(7)]), name);
      assert.deepEqual(told(error), told(one), name);
    }
    await rejects(env, "unknown-format", () => drain(normalizeStream({ to: "ndjson" }), [bytes("{}")]));
  });
};
