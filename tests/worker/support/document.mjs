// The served document as any client reads it: with ajv, independently of the code that generates it.
import assert from "node:assert/strict";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";

const NDJSON = "application/x-ndjson";
const PROBLEM = "application/problem+json";

/** What a document says of answers and parameters. */
export function readDocument(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "openapi", false, false);
  const validators = new Map();
  /** The validator of the schema at a path through the document. */
  function at(...steps) {
    const pointer = steps.map((step) => `/${encodeURIComponent(String(step).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    validators.set(pointer, validate);
    return validate;
  }
  const operationOf = (method, path) => document.paths[path][method];

  function holds(value, what, ...steps) {
    const validate = at(...steps);
    assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors, { dataVar: "answer" })}`);
  }

  return {
    /** Every operation, with its method and path. */
    operations: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    ),

    /** Fails where an answer is not as the document says; gives what it holds. */
    async assertAnswer(method, path, response) {
      const where = ["paths", path, method, "responses", response.status];
      const what = where.slice(1).join(" ");
      const said = operationOf(method, path).responses[response.status];
      assert.ok(said !== undefined, `${what} is not in the document`);
      for (const [name, { required = false, schema }] of Object.entries(said.headers ?? {})) {
        const value = response.headers.get(name);
        assert.ok(value !== null || !required, `${what} has no ${name}`);
        if (value !== null) {
          holds(schema.type === "integer" ? Number(value) : value, `${what} ${name}`, ...where, "headers", name, "schema");
        }
      }
      const text = await response.text();
      const type = response.headers.get("content-type")?.split(";")[0];
      if (said.content === undefined) {
        assert.equal(text, "", what);
        return null;
      }
      assert.ok(type in said.content, `${what} is of ${type}`);
      const values =
        type === NDJSON
          ? text
              .trimEnd()
              .split("\n")
              .map((line) => JSON.parse(line))
          : [type === "text/csv" ? text : JSON.parse(text)];
      for (const value of values) {
        holds(value, `${what} ${type}`, ...where, "content", type, "schema");
      }
      if (type === PROBLEM) {
        assert.equal(values[0].status, response.status);
      }
      return values;
    },

    /** Whether the document allows a parameter, given once or more often. */
    allows(method, path, index, texts) {
      const { schema } = operationOf(method, path).parameters[index];
      const value =
        { array: texts, integer: /^-?(0|[1-9]\d*)$/.test(texts[0]) ? Number(texts[0]) : texts[0], boolean: { true: true, false: false }[texts[0]] ?? texts[0] }[
          schema.type
        ] ?? texts[0];
      // Only a list may be given more than once.
      return (schema.type === "array" || texts.length === 1) && at("paths", path, method, "parameters", index, "schema")(value);
    },
  };
}
