// The crate and the package are one engine: natively and as WebAssembly every body gives the same bytes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { normalize } from "meterglot";

const root = new URL("../../", import.meta.url);
// `cargo test` builds it.
const program = join(process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("target", root)), "debug/examples/normalize");

const fixtures = ["provider-docs", "made"].flatMap((folder) =>
  readdirSync(new URL(`tests/fixtures/${folder}/`, root), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => `tests/fixtures/${folder}/${entry.name}`),
);

/** What the example program prints, made by the package. */
function inWebAssembly(name) {
  const table = normalize(readFileSync(new URL(name, root)), { onError: "collect" });
  const told = [...table.issues, ...table.checks()].map((entry) => `${JSON.stringify(entry)}\n`);
  const records = Buffer.from(table.toNDJSON()).toString();
  table.free();
  return { records, told: told.join("") };
}

test("the_native_program_is_built", () => {
  assert.ok(existsSync(program), "run `cargo test` first: it builds target/debug/examples/normalize");
  assert.ok(fixtures.length > 50);
});

for (const name of fixtures) {
  test(`native_and_wasm_agree_on ${name}`, () => {
    const { status, stdout, stderr } = spawnSync(program, [name], { cwd: root, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual({ records: stdout, told: stderr }, inWebAssembly(name));
  });
}
