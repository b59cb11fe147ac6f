// What is built: its size, its policy, and that a copy of the folder is enough to build it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { build } from "../../www/portal/local/build.mjs";
import { dist } from "../../www/portal/local/serve.mjs";

const root = new URL("../../", import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root), "utf8"));

before(() => build());

test("the_javascript_of_the_first_paint_is_under_150_kb_brotli", () => {
  // The worker is counted too, although the first paint does not wait for it.
  const scripts = readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".js"));
  assert.ok(scripts.length >= 2, "the page and its worker");
  const size = scripts.reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(dist, "assets", name))).length, 0);
  assert.ok(size < 150_000, `${size} bytes`);
});

test("nothing_in_the_page_is_inline", () => {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)[^>]*>/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/);
});

test("the_policy_allows_scripts_and_styles_of_its_own_origin_only", () => {
  const html = readFileSync(join(dist, "index.html"), "utf8").replaceAll("&#39;", "'");
  const headers = readFileSync(join(dist, "_headers"), "utf8");
  for (const policy of [html, headers]) {
    assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
    assert.match(policy, /connect-src 'self';/);
    assert.doesNotMatch(policy, /'unsafe-(inline|eval)'|\*;/);
  }
});

test("a_copy_of_the_folder_asks_for_what_it_is_tested_with", () => {
  const own = json("www/portal/package.json");
  const tested = json("package-lock.json").packages;
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
    const expected = name === "meterglot" ? json("pkg/package.json").version : tested[`node_modules/${name}`]?.version;
    assert.equal(version, expected, name);
  }
});

test("the_samples_are_the_documented_ones", () => {
  const samples = new URL("www/portal/src/samples/", root);
  const documented = new URL("tests/fixtures/provider-docs/", root);
  const own = {
    "devicewise-request.json": "provider-docs/requests/devicewise-api-history.last.json",
    "devicewise-api-history.without-ellipsis.json": "made/devicewise-api-history.without-ellipsis.json",
  };
  const bodies = (folder) => readdirSync(folder).filter((name) => /\.(json|xml)$/.test(name));
  assert.deepEqual(
    bodies(documented).filter((name) => !bodies(samples).includes(name)),
    [],
  );
  for (const name of bodies(samples)) {
    assert.deepEqual(readFileSync(new URL(name, samples)), readFileSync(new URL(own[name] ?? `provider-docs/${name}`, new URL("tests/fixtures/", root))), name);
  }
});

test("every_guarantee_names_files_and_tests_that_exist", () => {
  const rows = readFileSync(new URL("docs/portal/promises.md", root), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1);
  const tests = readdirSync(new URL("tests/portal/", root))
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => readFileSync(new URL(`tests/portal/${name}`, root), "utf8"))
    .join("\n");
  assert.ok(rows.length > 25);
  for (const row of rows) {
    const [, , files, names] = row.split(" | ").length === 3 ? ["", ...row.split(" | ")] : assert.fail(row);
    for (const [, file] of files.matchAll(/`([^`]+)`/g)) {
      assert.ok(existsSync(new URL(`www/portal/src/${file}`, root)), file);
    }
    for (const [, name] of names.matchAll(/`([^`]+)`/g)) {
      assert.ok(tests.includes(`"${name}"`) || tests.includes(`\`${name}\``), `there is no test ${name}`);
    }
  }
});
