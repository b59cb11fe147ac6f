// In a project that holds nothing but the packed package, as npm installed it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { aggregate, convert, detect, normalize, version } from "meterglot";

const installed = new URL("node_modules/meterglot/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", installed), "utf8"));

const BODY = JSON.stringify({
  page: 1,
  page_size: 2,
  count: 2,
  list: [
    { date: "2024-01-01T00:00:00-05:00", bytes: 1073741824 },
    { date: "2024-01-02T00:00:00-05:00", bytes: 3221225472 },
  ],
});

test("it_is_installed_from_its_tarball", () => {
  assert.ok(fileURLToPath(import.meta.resolve("meterglot")).startsWith(fileURLToPath(installed)));
  assert.equal(version, manifest.version);
});

test("it_reads_and_aggregates", () => {
  const request = "https://api.intronis.com/v1/partners/acme/usage_history?resolution=DAY";
  assert.equal(detect(BODY).format, "barracuda.usage-history");
  const table = normalize(BODY, { request });
  assert.deepEqual(
    table.records().map(({ account, quantity }) => [account, quantity]),
    [
      ["acme", "1073741824"],
      ["acme", "3221225472"],
    ],
  );
  const [row] = aggregate(table, { units: { "storage.stored": "GiBy" } });
  assert.deepEqual([row.metric, row.reducer, row.quantity, row.unit], ["storage.stored", "mean", "2", "GiBy"]);
  assert.equal(convert("1", "GiBy", "By"), "1073741824");
});

test("it_holds_what_it_needs_and_nothing_else", () => {
  for (const file of [
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "sbom.cdx.json",
    "THIRD-PARTY-LICENSES.txt",
    "docs/BUNDLERS.md",
    "docs/EDGE.md",
    "index.d.ts",
    "descriptor.schema.json",
    "meterglot.wasm",
    "worker-template/wrangler.jsonc",
    "worker-template/.dev.vars.example",
  ]) {
    assert.ok(existsSync(new URL(file, installed)), file);
  }
  const known = [
    /\.js$/,
    /\.d\.ts$/,
    /^(sources|worker|docs)$/,
    /^meterglot\.wasm$/,
    /^descriptor\.schema\.json$/,
    /^sbom\.cdx\.json$/,
    /^THIRD-PARTY-LICENSES\.txt$/,
    /^package\.json$/,
    /^(README|CHANGELOG|docs[\\/]\w+)\.md$/,
    /^LICENSE$/,
    /^worker-template([\\/](src([\\/]index\.ts)?|package\.json|wrangler\.jsonc|\.dev\.vars\.example))?$/,
  ];
  const strange = readdirSync(installed, { recursive: true }).filter((name) => !known.some((pattern) => pattern.test(name)));
  assert.deepEqual(strange, []);
});
