// The worker as a part of another app, under a prefix: it answers there as it does at the root.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { createWorker } from "meterglot/worker";
import { digestOf } from "../../www/worker/local/bindings.mjs";

const BINDINGS = {
  METERGLOT_SOURCES: { wasabi: { provider: "wasabi" } },
  METERGLOT_SECRET_WASABI: '{"apiKey":"s3cret-key"}',
  METERGLOT_TOKENS: { [digestOf("a-token")]: { sources: "*" } },
};

const lines = [];
const log = (line) => lines.push(line);
const routed = new Hono().get("/own", (c) => c.text("own")).route("/m/n", createWorker({ log }));
const handed = new Hono()
  .get("/own", (c) => c.text("own"))
  .mount("/m/n", (request, ...given) => createWorker({ log }).fetch(request, ...given), { optionHandler: (c) => [c.env] });

for (const [way, app] of Object.entries({ routed, handed })) {
  const ask = (path, init = {}) => app.request(path, { ...init, headers: { Authorization: "Bearer a-token", ...init.headers } }, BINDINGS);

  describe(`a worker that is ${way}`, () => {
    test("distinguishes_a_callers_fault_from_a_providers", async () => {
      for (const [body, status, code] of [
        ["<html>", 422, "unknown-format"],
        ["[{", 422, "invalid-json"],
      ]) {
        const response = await ask("/m/n/v1/normalize?provider=wasabi", { method: "POST", body });
        assert.deepEqual([response.status, (await response.json()).status], [status, status], code);
        assert.equal(response.headers.get("content-type"), "application/problem+json");
      }
    });

    test("answers_for_every_path_below_its_prefix_and_for_no_other", async () => {
      for (const path of ["/m/n/nope", "/m/n", "/m/n/", "/m/n/v1/nope", "/m/n/openapi.json/x"]) {
        const response = await ask(path);
        const { code } = await response.json();
        assert.deepEqual([response.status, code, response.headers.get("content-type")], [404, "unknown-path", "application/problem+json"], path);
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal(lines.at(-1).status, 404);
        assert.equal(lines.at(-1).code, "unknown-path");
      }
      assert.equal(await (await ask("/own")).text(), "own");
      assert.equal((await ask("/nope")).headers.get("content-type"), "text/plain; charset=UTF-8");
    });

    test("refuses_a_request_without_a_token", async () => {
      for (const path of ["/m/n/v1/sources", "/m/n/v1/nope", "/m/n/v1/usage/wasabi"]) {
        assert.equal((await ask(path, { headers: { Authorization: "Bearer wrong" } })).status, 401, path);
      }
      assert.deepEqual(await (await ask("/m/n/v1/sources")).json(), { sources: [{ name: "wasabi", provider: "wasabi" }] });
    });

    test("refuses_another_method", async () => {
      const response = await ask("/m/n/v1/sources", { method: "DELETE" });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
    });
  });
}

test("the_document_of_a_routed_worker_names_the_prefix", async () => {
  for (const [app, path, url] of [
    [routed, "/m/n/openapi.json", "/m/n"],
    [createWorker({ log }), "/openapi.json", "/"],
  ]) {
    const { servers, paths } = await (await app.request(path, {}, BINDINGS)).json();
    assert.deepEqual(servers, [{ url }]);
    assert.ok("/v1/sources" in paths);
  }
});
