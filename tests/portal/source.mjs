// A module of the portal's source, as Node can import it.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../www/portal/src/", import.meta.url));

/** What counts where a person has chosen nothing. */
export const ONCE = { prefer: [], overlap: "error" };

/** Everything that these modules export. */
export async function sourceOf(...paths) {
  const { outputFiles } = await build({
    stdin: { contents: paths.map((path) => `export * from "./${path}";`).join("\n"), resolveDir: source, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    external: ["meterglot"],
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  // A module without a place finds no package by its name.
  const text = outputFiles[0].text.replaceAll('from "meterglot"', `from "${import.meta.resolve("meterglot")}"`);
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}
