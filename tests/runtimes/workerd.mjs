// Every rule in workerd, the runtime of Cloudflare's workers, with the package resolved by its `workerd` condition.
// usage: node workerd.mjs [part of a rule's name]
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { bundle, modulePath } from "./bundle.mjs";
import { chosen, report } from "./collect.mjs";

const miniflare = new Miniflare({
  // Not newer than the pinned workerd.
  compatibilityDate: "2026-04-01",
  modules: [
    { type: "ESModule", path: "worker.mjs", contents: await bundle("workerd/worker.mjs", "workerd") },
    { type: "CompiledWasm", path: "meterglot.wasm", contents: readFileSync(modulePath) },
  ],
});
try {
  const response = await miniflare.dispatchFetch("http://rules.test/");
  if (!response.ok) {
    throw new Error(await response.text());
  }
  process.exitCode = report(chosen(await response.json(), process.argv[2])) ? 0 : 1;
} finally {
  await miniflare.dispose();
}
