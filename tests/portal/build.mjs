// Builds the portal as `npm run build` in its folder does.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const portal = fileURLToPath(new URL("../../www/portal/", import.meta.url));
const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));

/** Builds it, for an edge worker and into a folder of its own where these are given. */
export function build({ edge = "", folder = "dist" } = {}) {
  execFileSync(process.execPath, [vite, "build", "--logLevel", "warn", "--outDir", folder, "--emptyOutDir"], {
    cwd: portal, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, METERGLOT_EDGE: edge },
  });
}
