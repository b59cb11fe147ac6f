// Builds the portal as `npm run build` in its folder does.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const portal = fileURLToPath(new URL("../../www/portal/", import.meta.url));
const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));

/** Builds it once for all tests; PORTAL_BUILT says that it is there already. */
export function build(environment = {}) {
  if (process.env.PORTAL_BUILT === undefined || Object.keys(environment).length > 0) {
    execFileSync(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: portal, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...environment } });
  }
}
