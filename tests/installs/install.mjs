// Makes target/installs/<key>: everything of package-lock.json, installed once, and the package as npm packs it, packed each time.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folder, pkg } from "./workbench.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", shell: process.platform === "win32" });

const installed = join(folder, ".installed");
if (!existsSync(installed)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
    cpSync(here(name), join(folder, name));
  }
  console.log("installing what tests/installs/package-lock.json names");
  // Not `npm ci`, which misses an optional package of another system that npm itself left out of the lock.
  npm(["install", "--prefer-offline", "--loglevel=error"], folder);
  writeFileSync(installed, "");
}

for (const name of readdirSync(folder).filter((name) => name.endsWith(".tgz"))) {
  rmSync(join(folder, name));
}
npm(["pack", "--loglevel=error", "--pack-destination", folder], pkg);
const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
const unpacked = join(folder, "node_modules/meterglot");
rmSync(unpacked, { recursive: true, force: true });
mkdirSync(unpacked);
execFileSync("tar", ["-xzf", join(folder, tarball), "-C", unpacked, "--strip-components=1"]);
