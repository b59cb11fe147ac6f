// What the tests of installed projects share.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, createReadStream, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The package as built. */
export const pkg = here("../../pkg");

/** Where everything is installed: a folder of its own for each set of versions and each Node. */
const key = createHash("sha256")
  .update(readFileSync(here("package-lock.json")))
  .update(`${process.version} ${process.arch}`)
  .digest("hex");
export const folder = here(`../../target/installs/${key.slice(0, 12)}`);

/** What every project prints, shows or answers: `usage.js` is the same in all of them. */
export const EXPECTED = "api.calls sum 166 {call}; storage.stored mean 2 GiBy";

/** A program of a package that is installed. */
export const program = (path) => join(folder, "node_modules", path);

/** A program of this repository's own node_modules. */
export const own = (path) => here(`../../node_modules/${path}`);

/** A fresh copy of a project below the folder, so that it finds node_modules; `usage.js` is put beside its files. */
export function project(name, copy = name) {
  const to = join(folder, "projects", copy);
  rmSync(to, { recursive: true, force: true });
  cpSync(here(`projects/${name}`), to, { recursive: true });
  cpSync(here("projects/usage.js"), join(to, "usage.js"));
  return to;
}

// No configuration of the user is read, written or sent.
const env = { ...process.env, CI: "1", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", NEXT_TELEMETRY_DISABLED: "1", XDG_CONFIG_HOME: join(folder, "home") };
delete env.FORCE_COLOR;
delete env.NODE_TEST_CONTEXT;

/** Runs a program to its end and gives what it printed; what failed is thrown with all its output. */
export async function run(command, args, cwd, more = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env: { ...env, ...more }, timeout: 240_000, maxBuffer: 1 << 26 });
    return `${stdout}${stderr}`.trim();
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
  }
}

export const node = (args, cwd, more) => run(process.execPath, args, cwd, more);

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server by its program on a free port, and gives its address once it prints that. It ends with the test. */
export async function serve(t, program, cwd) {
  const port = await freePort();
  const args = [...program, "--port", String(port)];
  const server = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
  const end = () => {
    try {
      process.kill(-server.pid, "SIGKILL");
    } catch {
      server.kill("SIGKILL");
    }
  };
  t.after(
    () =>
      new Promise((ended) => {
        if (server.exitCode !== null) return ended();
        server.on("exit", ended);
        end();
      }),
  );
  return new Promise((resolve, reject) => {
    let printed = "";
    const read = (chunk) => {
      printed += chunk;
      // Printed with colours or not, and on one name of this machine or another.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour.
      if (new RegExp(`:${port}\\b`).test(printed.replaceAll(/\x1b\[\d*m/g, ""))) resolve(`http://127.0.0.1:${port}`);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${code}\n${printed}`)));
    setTimeout(() => reject(new Error(`${args.join(" ")} told no address within a minute\n${printed}`)), 60_000).unref();
  });
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Serves the files of a folder as any static host would. */
export async function host(t, root) {
  const server = createServer((request, response) => {
    const path = join(root, new URL(request.url, "http://host").pathname.replace(/\/$/, "/index.html"));
    if (!existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" });
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${server.address().port}`;
}
