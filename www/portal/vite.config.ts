import { defaultClientConditions, defineConfig, loadEnv, type Plugin } from "vite";
import { contentSecurityPolicy, headers } from "./policy.js";

/** Writes the policy into the page, and into `_headers`, which static hosts read. The development server needs inline code and goes without. */
function policy(edge: string): Plugin {
  return {
    name: "policy",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: () => [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: contentSecurityPolicy(edge) }, injectTo: "head-prepend" }],
    },
    generateBundle() {
      const lines = Object.entries(headers(edge)).map(([name, value]) => `  ${name}: ${value}\n`);
      this.emitFile({ type: "asset", fileName: "_headers", source: `/*\n${lines.join("")}` });
    },
  };
}

export default defineConfig(({ mode }) => {
  // Where the edge worker is, such as https://usage.example.com; where it is not said, at the page's own origin.
  const edge = loadEnv(mode, import.meta.dirname, "METERGLOT_").METERGLOT_EDGE ?? "";
  return {
    root: import.meta.dirname,
    // Relative, so that the page can be served from any folder.
    base: "./",
    define: { __EDGE__: JSON.stringify(edge) },
    oxc: { jsx: { importSource: "preact" } },
    build: {
      target: "es2022",
      outDir: "dist",
      emptyOutDir: true,
      // An inlined sample or script would need a weaker policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    worker: { format: "es" },
    // The engine as a file of its own, compiled while it arrives, not as a chunk of code.
    resolve: { conditions: ["wasm-file", ...defaultClientConditions] },
    optimizeDeps: { exclude: ["meterglot"] },
    plugins: [policy(edge)],
  };
});
