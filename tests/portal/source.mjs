// A module of the portal's source, as Node can import it.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../www/portal/src/", import.meta.url));

/** Everything that these modules export. */
export async function sourceOf(...paths) {
  const { outputFiles } = await build({
    stdin: { contents: paths.map((path) => `export * from "./${path}";`).join("\n"), resolveDir: source, loader: "ts" },
    bundle: true, format: "esm", platform: "node", write: false, external: ["meterglot"], jsx: "automatic", jsxImportSource: "preact",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}
