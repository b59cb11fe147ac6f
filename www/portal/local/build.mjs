// Builds the portal as `npm run build` does.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const portal = fileURLToPath(new URL("../", import.meta.url));
const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");

/** Builds it, for an edge worker and into a folder of its own where these are given. Whoever has built `dist` says so in METERGLOT_PORTAL_BUILT. */
export function build({ edge = "", folder = "dist" } = {}) {
  if (folder === "dist" && process.env.METERGLOT_PORTAL_BUILT === "1") {
    return;
  }
  execFileSync(process.execPath, [vite, "build", "--logLevel", "warn", "--outDir", folder, "--emptyOutDir"], {
    cwd: portal,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, METERGLOT_EDGE: edge },
  });
}
