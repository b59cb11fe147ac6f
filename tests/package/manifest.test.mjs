// What a package manager, a bundler and a runtime find in the package.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { version } from "meterglot";
import { pkg } from "./fresh.mjs";

const manifest = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
const root = new URL("../../", import.meta.url);

/** Everything an entry imports, as esbuild sees it. A top-level await is an error in this output format. */
async function graph(condition) {
  const { metafile, warnings } = await build({
    stdin: { contents: 'export * from "meterglot"', resolveDir: fileURLToPath(root) },
    bundle: true,
    write: false,
    metafile: true,
    format: "iife",
    platform: "neutral",
    target: "esnext",
    conditions: condition === "default" ? [] : condition.split(" "),
    external: ["*.wasm", "node:*"],
    logLevel: "silent",
  });
  return { files: Object.keys(metafile.inputs).filter((path) => path !== "<stdin>"), warnings };
}

const leaves = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(leaves));

test("types_come_first_and_default_last", () => {
  assert.deepEqual(Object.keys(manifest.exports["."]), ["types", "workerd", "node", "browser", "default"]);
});

test("everything_the_manifest_names_is_there", () => {
  const named = leaves(manifest.exports);
  for (const path of [...named, manifest.types, ...manifest.sideEffects]) {
    assert.ok(existsSync(join(pkg, path)), path);
  }
});

test("the_name_resolves_in_node_and_nothing_inside_does", async () => {
  assert.equal(fileURLToPath(import.meta.resolve("meterglot")), join(pkg, "entry.node.js"));
  assert.equal(fileURLToPath(import.meta.resolve("meterglot/meterglot.wasm")), join(pkg, "meterglot.wasm"));
  await assert.rejects(import("meterglot/engine.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
});

test("each_condition_leads_to_its_own_entry", async () => {
  for (const condition of ["workerd", "node", "browser", "default"]) {
    const { files } = await graph(condition);
    const entries = files.filter((path) => /entry\.\w+\.js$/.test(path)).map((path) => path.split("/").at(-1));
    assert.deepEqual(entries, [`entry.${condition}.js`]);
  }
});

test("a_bundle_has_the_module_and_does_not_use_its_own_path", async () => {
  for (const [condition, entry] of [
    ["node module", "inline.js"],
    ["browser module", "entry.bundled.js"],
    ["module", "entry.bundled.js"],
  ]) {
    const { files, warnings } = await graph(condition);
    assert.deepEqual(warnings, [], condition);
    const names = files.map((path) => path.split("/").at(-1));
    assert.deepEqual(
      names.filter((name) => /^(entry\.\w+|inline)\.js$/.test(name)),
      [entry],
    );
    assert.ok(names.includes("embedded-module.js"), condition);
  }
  const { files } = await graph("browser module wasm-file");
  assert.ok(!files.some((path) => path.includes("embedded")), "the condition wasm-file keeps the module a file");
});

test("the_embedded_module_is_the_module", async () => {
  const { embeddedModule } = await import(pathToFileURL(join(pkg, "embedded.js")).href);
  assert.ok(readFileSync(join(pkg, "meterglot.wasm")).equals(embeddedModule()));
});

test("every_export_has_types_and_they_are_packed", () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target !== "string") {
      assert.equal(Object.keys(target)[0], "types", name);
      assert.ok(existsSync(join(pkg, target.types)), name);
    }
  }
});

test("it_says_where_it_comes_from", () => {
  assert.match(manifest.repository.url, /^git\+https:\/\/.*\.git$/);
  const home = manifest.repository.url.replace(/^git\+|\.git$/g, "");
  assert.equal(manifest.repository.type, "git");
  assert.ok(manifest.homepage.startsWith(home));
  assert.equal(manifest.bugs.url, `${home}/issues`);
  assert.equal(manifest.publishConfig.provenance, true);
});

test("links_of_the_packed_pages_lead_to_packed_files", () => {
  const pages = readdirSync(pkg, { recursive: true }).filter((name) => name.endsWith(".md"));
  assert.ok(pages.includes("README.md") && pages.includes(join("docs", "BUNDLERS.md")) && pages.includes(join("docs", "EDGE.md")));
  for (const page of pages) {
    for (const [, link] of readFileSync(join(pkg, page), "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (!/^https:/.test(link)) {
        assert.ok(existsSync(join(pkg, page, "..", link)), `${page} links to ${link}`);
      }
    }
  }
});

test("no_entry_has_a_top_level_await", async () => {
  for (const condition of ["workerd", "node", "browser", "default"]) {
    await assert.doesNotReject(graph(condition), condition);
  }
});

test("the_default_graph_does_not_use_its_own_path", async () => {
  const { files, warnings } = await graph("default");
  assert.deepEqual(warnings, []);
  for (const path of files) {
    assert.doesNotMatch(readFileSync(new URL(path, root), "utf8"), /import\.meta/, path);
  }
  // The check can fail: a browser's entry does ask.
  assert.notDeepEqual((await graph("browser")).warnings, []);
});

test("there_is_one_module_and_it_is_a_file", () => {
  const modules = readdirSync(pkg, { recursive: true }).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(modules, ["meterglot.wasm"]);
  // But for the one that embeds it, all JavaScript is code.
  for (const name of readdirSync(pkg).filter((name) => name.endsWith(".js") && name !== "embedded-module.js")) {
    assert.ok(readFileSync(join(pkg, name)).length < 100_000, `${name} holds more than code`);
  }
});

test("the_version_is_the_crates_own", () => {
  const [, crate] = /^\[package\][^[]*?^version = "([^"]+)"/ms.exec(readFileSync(new URL("Cargo.toml", root), "utf8"));
  assert.equal(version, crate);
  assert.equal(manifest.version, crate);
});

test("a_program_that_only_normalizes_loads_nothing_but_the_package", async () => {
  for (const condition of ["workerd", "node", "browser", "default"]) {
    const { files } = await graph(condition);
    assert.deepEqual(
      files.filter((path) => !path.startsWith("pkg/")),
      [],
      condition,
    );
  }
});

test("it_depends_on_nothing_and_what_the_worker_needs_is_optional", () => {
  for (const peer of Object.keys(manifest.peerDependencies)) {
    assert.deepEqual(manifest.peerDependenciesMeta[peer], { optional: true }, peer);
  }
  for (const field of ["dependencies", "optionalDependencies", "bundledDependencies", "scripts"]) {
    assert.equal(manifest[field], undefined, field);
  }
});
