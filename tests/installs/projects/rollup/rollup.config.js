import { nodeResolve } from "@rollup/plugin-node-resolve";

const bundle = (format, file) => ({ format, file: `dist/${file}`, inlineDynamicImports: true });

export default [
  { input: "main.js", output: bundle("es", "browser.mjs"), plugins: [nodeResolve({ browser: true })] },
  { input: "main.js", output: bundle("iife", "browser.cjs"), plugins: [nodeResolve({ browser: true })] },
  { input: "main.js", output: bundle("cjs", "node.cjs"), external: /^node:/, plugins: [nodeResolve()] },
];
