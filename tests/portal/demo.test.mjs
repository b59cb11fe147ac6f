// The portal of the demo: how long it stays up, and what it may ask.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stays } from "../../www/worker/local/stays.mjs";

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
    const sources = await fetch(`${told["The edge worker"]}/v1/sources`, {
      headers: { Authorization: "Bearer demo-token", Origin: new URL(told["The portal"]).origin },
    });
    assert.equal(sources.headers.get("access-control-allow-origin"), new URL(told["The portal"]).origin);
    assert.equal((await sources.json()).sources.length, 6);
  } finally {
    running.kill("SIGINT");
  }
  await ended;
  await assert.rejects(fetch(told["The portal"]));
});

test("the_demo_stays_up_where_a_person_is_at_a_terminal_and_nowhere_else_unless_asked", () => {
  const [terminal, pipe] = [{ isTTY: true }, {}];
  const at = (input, output, environment = {}, serve = false) => stays({ serve, input, output, environment });
  assert.equal(at(terminal, terminal), true);
  assert.deepEqual([at(pipe, terminal), at(terminal, pipe), at(pipe, pipe), at(terminal, terminal, { CI: "true" })], [false, false, false, false]);
  assert.equal(at(pipe, pipe, { CI: "true" }, true), true, "asked for");
});

test("the_demo_ends_by_itself_in_a_script_and_says_that_its_addresses_end_with_it", { timeout: 120_000 }, async () => {
  const running = spawn(process.execPath, [demo], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(running, "exit");
  const lines = [];
  for await (const line of createInterface(running.stdout)) {
    lines.push(line);
  }
  assert.deepEqual(await ended, [0, null]);
  assert.match(lines.at(-1), /^It ends here, and the addresses above with it.*--serve/);
});
