// The packed types by strict compilers: every entry point, in each way to resolve it, with libraries checked.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { node, program, project } from "./workbench.mjs";

const STRICT = {
  target: "es2022",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
};
const NODE = { lib: ["es2022"], types: ["node"] };
const DOM = { lib: ["es2022", "dom"], types: [] };
const WHOLE = { lib: ["es2022", "dom", "dom.iterable", "esnext.disposable"], types: [] };

for (const compiler of ["typescript5", "typescript7"]) {
  for (const [module, moduleResolution, name, environment] of [
    ["node16", "node16", "Node's types alone", NODE],
    ["nodenext", "nodenext", "the DOM, without the library of Disposable", DOM],
    ["preserve", "bundler", "the DOM, with the library of Disposable", WHOLE],
  ]) {
    test(`${compiler}_reads_the_types_by_${moduleResolution}_with_${name.replaceAll(/\W+/g, "_")}`, async () => {
      const folder = project("types", `types-${compiler}-${moduleResolution}`);
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions: { ...STRICT, module, moduleResolution, ...environment }, files: ["consumer.ts"] }),
      );
      await node([program(`${compiler}/bin/tsc`), "--project", "."], folder);
    });
  }
}

test("packed_types_import_packed_files_alone", () => {
  const packed = program("meterglot");
  const files = readdirSync(packed, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
  assert.ok(files.includes("index.d.ts"));
  for (const file of files) {
    for (const [, path] of readFileSync(join(packed, file), "utf8").matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)) {
      assert.ok(existsSync(join(packed, dirname(file), `${path}.d.ts`)), `${file} imports ${path}`);
    }
  }
});
