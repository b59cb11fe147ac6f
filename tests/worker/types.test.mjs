// What a strict TypeScript project sees of the worker.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

for (const config of ["tsconfig.json", "tsconfig.bundler.json"]) {
  test(`the_types_serve_a_strict_consumer_by_${config}`, async () => {
    const project = fileURLToPath(new URL(`types/${config}`, import.meta.url));
    const output = await new Promise((resolve) => execFile(process.execPath, [tsc, "--project", project], (_, stdout) => resolve(stdout)));
    assert.equal(output, "");
  });
}
