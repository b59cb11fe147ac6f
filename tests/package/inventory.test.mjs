// The bill of materials and the licences name what is compiled into the module, and nothing else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const packed = (name) => readFileSync(new URL(`pkg/${name}`, root), "utf8");
const bill = JSON.parse(packed("sbom.cdx.json"));

/** What cargo resolves for the module: `name version`, without build scripts and macros, and without the crate itself. */
const resolved = () => {
  const args = ["tree", "--package", "meterglot", "--target", "wasm32-unknown-unknown", "--prefix", "none"];
  const edges = ["--edges", "normal,no-proc-macro", "--format", "{p}"];
  const lines = execFileSync("cargo", [...args, ...edges], { cwd: root, encoding: "utf8" }).split("\n");
  const crates = lines.filter(Boolean).map((line) => line.split(" ").slice(0, 2).join(" ").replace(" v", " "));
  return [...new Set(crates)].filter((name) => !name.startsWith("meterglot ")).sort();
};

test("the_bill_names_every_crate_of_the_module_and_no_other", () => {
  const crates = bill.components.filter(({ purl }) => purl.startsWith("pkg:cargo/"));
  const names = crates.map(({ name, version }) => `${name} ${version}`).sort();
  assert.ok(names.length > 10);
  assert.deepEqual(names, resolved());
});

test("the_bill_names_the_dependencies_of_the_package", () => {
  const { dependencies = {}, version } = JSON.parse(packed("package.json"));
  const names = bill.components.filter(({ purl }) => purl.startsWith("pkg:npm/")).map(({ name }) => name);
  assert.deepEqual(names, Object.keys(dependencies));
  assert.equal(bill.metadata.component.version, version);
});

test("every_crate_has_its_licence_in_the_list", () => {
  const list = packed("THIRD-PARTY-LICENSES.txt");
  for (const crate of resolved()) {
    assert.match(list, new RegExp(`^${crate.replaceAll(".", "\\.")}: \\S`, "m"));
  }
});
