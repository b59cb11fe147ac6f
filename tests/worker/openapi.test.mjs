// The OpenAPI document is generated from the schemas that validate. Here its structure is compared with the worker, in contract.test.mjs its schemas.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { verdictOf } from "./support/answers.mjs";
import { NOTHING_KEPT, stage } from "./support/stage.mjs";
import { STATUS } from "../../pkg/worker/problem.js";
import * as schemas from "../../pkg/worker/schemas.js";

const WEEK = { from: "2024-03-08", to: "2024-03-15" };

let world;
let document;
before(async () => {
  world = await stage({ limits: { ...NOTHING_KEPT, bodyBytes: 1000 } });
  document = await (await world.ask("/openapi.json", { token: null })).json();
});
after(() => world.close());

const routes = () =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));

describe("the document", () => {
  test("is_valid_openapi_3_1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    assert.deepEqual([valid, errors], [true, undefined]);
    assert.equal(validator.version, "3.1");
    assert.match(document.openapi, /^3\.1\./);
  });

  test("has_every_route", () => {
    assert.deepEqual(
      routes().map(({ method, path }) => `${method} ${path}`),
      ["get /healthz", "get /v1/sources", "get /v1/usage/{source}", "get /v1/aggregate/{source}", "post /v1/normalize", "get /openapi.json"],
    );
  });

  test("says_which_routes_need_a_token", async () => {
    for (const { path, method, security } of routes()) {
      const { status } = await world.ask(path.replace("{source}", "wasabi"), { method, token: null, ...(method === "post" ? { body: "x" } : {}) });
      assert.equal(status === 401, security !== undefined, path);
    }
  });

  test("lists_the_parameters_that_are_known_and_no_other_is", async () => {
    for (const { path, method, parameters = [] } of routes().filter(({ path }) => path.startsWith("/v1/") && path !== "/v1/sources")) {
      const named = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
      const known = {
        "/v1/usage/{source}": schemas.UsageParameters,
        "/v1/aggregate/{source}": schemas.AggregateParameters,
        "/v1/normalize": schemas.NormalizeParameters,
      }[path];
      assert.deepEqual(named, Object.keys(known.shape));
      const answer = await world.ask(path.replace("{source}", "wasabi"), {
        method,
        query: { ...(method === "get" ? WEEK : {}), unheardOf: "1" },
        ...(method === "post" ? { body: "x" } : {}),
      });
      assert.equal(answer.status, 400);
      assert.match((await answer.json()).detail, /`unheardOf`: is not known/);
    }
  });

  test("has_a_problem_for_every_status_that_is_not_200_or_304", () => {
    for (const { path, responses } of routes()) {
      for (const [status, { content }] of Object.entries(responses).filter(([status]) => !["200", "304"].includes(status))) {
        assert.deepEqual(Object.keys(content), ["application/problem+json"], `${path} ${status}`);
        assert.deepEqual(content["application/problem+json"].schema, { $ref: "#/components/schemas/Problem" });
      }
    }
  });
});

test("every_route_may_fail_and_says_when_to_come_back", () => {
  for (const { path, responses } of routes()) {
    assert.ok("500" in responses, path);
    assert.equal(responses[503]?.headers["Retry-After"].schema.type, "503" in responses ? "integer" : undefined, path);
  }
});

describe("problems", () => {
  test("name_their_kind_and_their_request", async () => {
    const usage = (options) => world.ask("/v1/usage/wasabi", { query: WEEK, ...options });
    const post = (options) => world.ask("/v1/normalize", { method: "POST", body: "x", ...options });
    const bad = async (kind) => {
      const day = world.injectFault("wasabi", { times: Infinity, ...kind });
      const answer = await usage();
      day.end();
      return answer;
    };
    const answers = {
      400: await usage({ query: { ...WEEK, a: "1" } }),
      401: await usage({ token: "wrong" }),
      404: await world.ask("/v1/usage/nowhere", { query: WEEK }),
      405: await usage({ method: "PUT" }),
      406: await usage({ accept: "text/html" }),
      413: await post({ body: "x".repeat(1001) }),
      415: await post({ headers: { "Content-Encoding": "br" } }),
      422: await post(),
      431: await usage({ token: "x".repeat(9000) }),
      502: await bad({ kind: "500" }),
      503: await bad({ kind: "429", retryAfter: 9 }),
      504: await bad({ kind: "slow-headers", ms: 800 }),
    };
    for (const [status, answer] of Object.entries(answers)) {
      assert.equal(answer.status, Number(status));
      const { problem } = await verdictOf(answer);
      assert.equal(problem.instance, `urn:meterglot:request:${answer.headers.get("x-request-id")}`);
      assert.equal(problem.type, `urn:meterglot:problem:${problem.code}`);
    }
    assert.equal(answers[405].headers.get("allow"), "GET, HEAD");
    assert.equal(answers[503].headers.get("retry-after"), "9");
  });

  test("an_unknown_path_is_a_problem_too", async () => {
    for (const path of ["/", "/v1", "/v1/", "/v1/usage", "/v1/usage/", "/v1/usage/a/b", "/V1/sources", "/v1/sources/", "/.env", "/healthz/x"]) {
      const { status, problem } = await verdictOf(await world.ask(path));
      assert.deepEqual([status, problem.code], [404, "unknown-path"], path);
    }
  });
});

describe("representations", () => {
  const typeFor = async (accept) => {
    const response = await world.ask("/v1/usage/wasabi", { query: WEEK, method: "HEAD", headers: { Accept: accept } });
    return response.status === 200 ? response.headers.get("content-type").split(";")[0] : response.status;
  };

  test("are_chosen_by_their_weights", async () => {
    const cases = {
      "*/*": "application/json",
      "application/json": "application/json",
      "text/csv": "text/csv",
      "text/*": "text/csv",
      "application/*": "application/json",
      "APPLICATION/X-NDJSON": "application/x-ndjson",
      "text/csv;q=0.5, application/x-ndjson;q=0.8": "application/x-ndjson",
      "application/json;q=0.1, text/csv": "text/csv",
      "text/html, application/xhtml+xml, */*;q=0.8": "application/json",
      "*/*;q=0.5, application/json;q=0": "application/x-ndjson",
      "text/csv;header=present;q=0.9, */*;q=0.1": "text/csv",
      "application/json;q=0.000, text/csv;q=0.001": "text/csv",
      "text/html": 406,
      "application/json;q=0": 406,
      "*/*;q=0": 406,
      "application/xml, image/*": 406,
      "application/json;q=2": 406,
      nonsense: 406,
    };
    for (const [accept, expected] of Object.entries(cases)) {
      assert.equal(await typeFor(accept), expected, accept);
    }
  });

  test("an_answer_varies_by_what_chose_it", async () => {
    const { headers } = await world.ask("/v1/usage/wasabi", { query: WEEK, method: "HEAD" });
    assert.deepEqual(headers.get("vary").split(/,\s*/).sort(), ["Accept", "Authorization", "Origin"]);
  });
});

test("the_manual_has_the_table_of_statuses", () => {
  const manual = readFileSync(new URL("../../docs/EDGE.md", import.meta.url), "utf8");
  const rows = [...manual.matchAll(/^\| `([a-z-]+)` \| (\d{3})(?: \/ (\d{3}))? \|/gm)].map(([, code, provider, caller = provider]) => [
    code,
    { caller: Number(caller), provider: Number(provider) },
  ]);
  assert.deepEqual(Object.fromEntries(rows), STATUS);
});
