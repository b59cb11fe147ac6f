// Serves the built portal from loopback, with the headers it is to be served with.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const dist = fileURLToPath(new URL("../dist/", import.meta.url));

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".xml": "application/xml",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The headers of dist/_headers, as a static host reads them. */
async function headers(folder) {
  const lines = (await readFile(join(folder, "_headers"), "utf8"))
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]));
}

/** Starts it. The folder may be built after that: an edge worker has to know the page's address, and the page the worker's. */
export async function serve(folder = dist) {
  const server = createServer(async (request, response) => {
    const always = await headers(folder);
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = path === "/" ? "index.html" : path.slice(1);
    try {
      const body = await readFile(join(folder, file));
      response.writeHead(200, { ...always, "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404, always).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
