// The worker in workerd on this machine, bundled and configured as wrangler would.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The content of wrangler.jsonc; its comments are on separate lines. */
const deployed = JSON.parse(readFileSync(here("../wrangler.jsonc"), "utf8").replaceAll(/^\s*\/\/.*$/gm, ""));

const MODULE = fileURLToPath(import.meta.resolve("meterglot/meterglot.wasm"));

/** One script of an entry and all it imports, but for the engine. */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    // As wrangler resolves packages.
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm"],
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/**
 * Starts it. Give its own lines of log to `onLog`, each parsed, and whatever else it prints to `onPrint`.
 *
 * The address is workerd's own: Miniflare's other one is behind a proxy, which reads a body faster than its reader does.
 */
export async function startWorker({ bindings, entry = here("../src/index.ts"), onLog = () => {}, onPrint = () => {} }) {
  const miniflare = new Miniflare({
    compatibilityDate: deployed.compatibility_date,
    compatibilityFlags: deployed.compatibility_flags,
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: await bundle(entry) },
      { type: "CompiledWasm", path: "meterglot.wasm", contents: readFileSync(MODULE) },
    ],
    bindings: { ...deployed.vars, ...bindings },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    handleRuntimeStdio(stdout, stderr) {
      eachLine(stdout, (line) => (line.startsWith("{") ? onLog(JSON.parse(line)) : onPrint(line)));
      eachLine(stderr, onPrint);
    },
  });
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL();
  return { url, pid: workerdBelow(process.pid), stop: () => miniflare.dispose() };
}

function eachLine(stream, take) {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(take);
  });
}

/** The newest workerd that this process started, if the system reports it. */
function workerdBelow(parent) {
  const children = [];
  try {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const [, name, above] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      if (name === "workerd" && Number(above) === parent) {
        children.push(Number(pid));
      }
    }
  } catch {
    // No /proc here, or a process that has just ended.
  }
  return children.length === 0 ? null : Math.max(...children);
}
