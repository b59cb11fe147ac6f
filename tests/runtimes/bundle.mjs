// Puts a runner, the rules, the fixtures and the package into one script, for runtimes without a file system.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const tests = new URL("../", import.meta.url);
const here = (path) => fileURLToPath(new URL(path, tests));

/** `import { files, fixtures } from "rules-and-fixtures"` gives what `collect` and `fixtureOf` take. */
function rulesAndFixtures() {
  const ending = ".rules.mjs";
  const rules = readdirSync(here("rules"))
    .filter((name) => name.endsWith(ending))
    .sort();
  const fixtures = readdirSync(here("fixtures"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
  const lines = [
    ...rules.map((name, index) => `import rule${index} from ${JSON.stringify(here(`rules/${name}`))};`),
    ...fixtures.map((path, index) => `import fixture${index} from ${JSON.stringify(`bytes:${path}`)};`),
    `export const files = [${rules.map((name, index) => `[${JSON.stringify(name.slice(0, -ending.length))}, rule${index}]`)}];`,
    `export const fixtures = new Map([${fixtures.map((path, index) => `[${JSON.stringify(path.slice(here("fixtures/").length))}, fixture${index}]`)}]);`,
  ];
  return {
    name: "rules-and-fixtures",
    setup(builder) {
      builder.onResolve({ filter: /^rules-and-fixtures$/ }, ({ path }) => ({ path, namespace: "generated" }));
      builder.onLoad({ filter: /.*/, namespace: "generated" }, () => ({ contents: lines.join("\n"), resolveDir: here(".") }));
      builder.onResolve({ filter: /^bytes:/ }, ({ path }) => ({ path: path.slice("bytes:".length), namespace: "bytes" }));
      builder.onLoad({ filter: /.*/, namespace: "bytes" }, ({ path }) => ({ contents: readFileSync(path), loader: "binary" }));
    },
  };
}

/** Bundles an entry as an ES module, resolving packages by the runtime's own export condition. */
export async function bundle(entry, condition) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    conditions: [condition],
    // Left as an import of the module, as workerd needs it.
    external: ["*.wasm"],
    plugins: [rulesAndFixtures()],
  });
  return outputFiles[0].text;
}

/** The one WebAssembly module of the package. */
export const modulePath = fileURLToPath(import.meta.resolve("meterglot/meterglot.wasm"));
