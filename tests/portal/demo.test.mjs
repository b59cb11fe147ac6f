// The portal of the demo, as it stays up with --serve.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const demo = fileURLToPath(new URL("../../www/worker/local/demo.mjs", import.meta.url));

test("the_demo_serves_a_portal_that_may_ask_its_worker_until_it_is_ended", { timeout: 120_000 }, async () => {
  const running = spawn(process.execPath, [demo, "--serve"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(running, "exit");
  const told = {};
  for await (const line of createInterface(running.stdout)) {
    const [, what, address] = /^(The edge worker|The portal) at (http:[^\s,]+)/.exec(line) ?? [];
    told[what] = address;
    if (line.startsWith("It goes on until")) {
      break;
    }
  }
  try {
    const page = await fetch(told["The portal"]);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), new RegExp(`connect-src 'self' ${told["The edge worker"]};`));
    const sources = await fetch(`${told["The edge worker"]}/v1/sources`, { headers: { Authorization: "Bearer demo-token", Origin: new URL(told["The portal"]).origin } });
    assert.equal(sources.headers.get("access-control-allow-origin"), new URL(told["The portal"]).origin);
    assert.equal((await sources.json()).sources.length, 5);
  } finally {
    running.kill("SIGINT");
  }
  await ended;
  await assert.rejects(fetch(told["The portal"]));
});
