// The published types are one reviewed file; the code and the public contract are compared with it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as meterglot from "meterglot";
import { pkg } from "./fresh.mjs";

const published = readFileSync(join(pkg, "index.d.ts"), "utf8");
const shared = new URL("../../../shared/api.d.ts", import.meta.url);

const names = (text, words) => [...new Set(Array.from(text.matchAll(new RegExp(`^export (?:${words}) (\\w+)`, "gm")), ([, name]) => name))].sort();

test("the_published_types_are_the_reviewed_file", () => {
  assert.equal(published, readFileSync(new URL("../../js/api.d.ts", import.meta.url), "utf8"));
});

test("the_code_exports_exactly_what_the_types_declare", () => {
  assert.deepEqual(Object.keys(meterglot).sort(), names(published, "class|function|const"));
});

test("every_name_of_the_public_contract_is_published", { skip: !existsSync(shared) && "the contract's folder is not here" }, () => {
  const words = "type|interface|class|function|const";
  const ours = new Set(names(published, words));
  assert.deepEqual(
    names(readFileSync(shared, "utf8"), words).filter((name) => !ours.has(name)),
    [],
  );
});
