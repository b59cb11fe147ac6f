// One class of error, with a code and a position.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MeterglotError, normalize, parse } from "meterglot";
import { fixture } from "./fresh.mjs";

const thrownBy = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};

const FIELDS = ["code", "column", "line", "offset", "page", "pointer", "provider", "providerCodes", "providerMessages"];

test("an_error_is_an_error_and_has_every_field", () => {
  const error = thrownBy(() => normalize("nothing of the kind"));
  assert.ok(error instanceof MeterglotError);
  assert.ok(error instanceof Error);
  assert.equal(error.name, "MeterglotError");
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
  assert.match(error.stack, /^MeterglotError: /);
  assert.deepEqual(Object.keys(error).sort(), FIELDS);
});

test("a_fault_of_the_text_has_its_place", () => {
  const error = thrownBy(() => normalize(fixture("made/barracuda-trailing-comma.json")));
  assert.equal(error.code, "invalid-json");
  for (const field of ["page", "line", "column", "offset"]) {
    assert.equal(typeof error[field], "number", field);
  }
});

test("a_providers_error_carries_its_messages", () => {
  const error = thrownBy(() => parse(fixture("made/wasabi-error.json")));
  assert.equal(error.code, "provider-error");
  assert.equal(error.provider, "wasabi");
  assert.ok(error.providerMessages.length > 0);
});

test("a_faults_fields_are_null_where_there_is_no_body", () => {
  const { message, stack, ...fields } = thrownBy(() => normalize("[]", { provider: "none" }));
  assert.deepEqual(fields, {
    code: "invalid-option",
    provider: null,
    page: null,
    pointer: null,
    line: null,
    column: null,
    offset: null,
    providerCodes: [],
    providerMessages: [],
  });
});

test("an_error_survives_being_logged_as_json", () => {
  const error = thrownBy(() => normalize("nothing of the kind"));
  assert.equal(JSON.parse(JSON.stringify(error)).code, "unknown-format");
});
