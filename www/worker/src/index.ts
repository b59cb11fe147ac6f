// Everything is in the bindings: see wrangler.jsonc, and docs/EDGE.md for their manual.
export { default } from "meterglot/worker";
