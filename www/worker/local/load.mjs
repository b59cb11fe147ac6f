// Load test of the worker on loopback, for a limited time: node www/worker/local/load.mjs [--seconds 60]
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { serve } from "../../../tests/providers/index.mjs";
import { bindingsOf } from "./bindings.mjs";
import { startWorker } from "./worker.mjs";

const TOKEN = "the-token-of-the-load-test";
const CALLERS = 8;
/** The number of concurrent requests: for the callers of a scenario, and those of the previous one that have disconnected. */
const LIMITS = { upstream: 2 * CALLERS };

const NOW = Date.parse("2024-12-01T00:00:00Z");

const REPLY = JSON.stringify(
  Array.from({ length: 30 }, (_, n) => ({
    AcctNum: 7363,
    BucketNum: n,
    Bucket: `bucket-${n}`,
    Region: "us-east-1",
    StartTime: "2024-11-01T00:00:00Z",
    EndTime: "2024-11-02T00:00:00Z",
    RawStorageSizeBytes: 1073741824 + n,
    NumAPICalls: n,
  })),
);

/** The scenarios; each runs for the same share of the time. A cached period is read once from its provider, another one every time. */
const SCENES = [
  { name: "usage, kept", path: "/v1/usage/barracuda?from=2024-10-01&to=2024-11-01" },
  { name: "usage, from the provider", path: "/v1/usage/barracuda?from=2024-10-01&to=2024-11-01", isReload: true },
  { name: "usage, 216 records from the provider", path: "/v1/usage/wasabi?from=2024-11-01&to=2024-11-02", isReload: true },
  { name: "aggregate, from the provider", path: "/v1/aggregate/wasabi?from=2024-11-01&to=2024-11-02&by=resource", isReload: true },
  { name: "normalize, 60 records", path: "/v1/normalize", method: "POST", body: REPLY },
];

/** Whether an answer is complete, by its last member. */
const isWhole = (body) => String(body).endsWith('"complete":true}\n');

async function play({ path, method = "GET", body, isReload = false }, origin, extent) {
  const headers = { Authorization: `Bearer ${TOKEN}`, ...(isReload ? { "Cache-Control": "no-cache" } : {}) };
  const result = await autocannon({
    url: new URL(path, origin).href,
    method,
    ...(body === undefined ? {} : { body }),
    headers,
    connections: CALLERS,
    ...extent,
    timeout: 10,
    verifyBody: isWhole,
  });
  return {
    requests: result.requests.total,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.timeouts + result.non2xx + result.mismatches,
  };
}

/** Runs every scenario: for its share of `seconds`, or for a number of `requests` each. */
export async function load({ seconds, requests, tell = () => {} }) {
  const extent = requests === undefined ? { duration: seconds / SCENES.length } : { amount: requests };
  const providers = await serve({ clock: () => NOW });
  const worker = await startWorker({ bindings: bindingsOf(providers, { tokens: { [TOKEN]: { sources: "*" } }, limits: LIMITS }) });
  try {
    if (worker.url.hostname !== "127.0.0.1") {
      throw new Error(`a load test is for this machine alone, not for ${worker.url.hostname}`);
    }
    const results = [];
    for (const scene of SCENES) {
      const result = { name: scene.name, ...(await play(scene, worker.url, extent)) };
      tell(result);
      results.push(result);
    }
    return results;
  } finally {
    await worker.stop();
    await providers.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" } } });
  const seconds = Math.min(Math.max(Number(values.seconds) || 60, 1), 600);
  // Whatever happens, it ends.
  setTimeout(() => process.exit(1), (seconds + 60) * 1000).unref();
  console.log(`${CALLERS} callers on loopback for ${seconds} s; callers and providers share a core, the worker has the other\n`);
  const row = (name, ...cells) => console.log(name.padEnd(38) + cells.map((cell) => String(cell).padStart(12)).join(""));
  row("", "requests/s", "p50 ms", "p99 ms", "requests", "errors");
  const tell = ({ name, requests, seconds, p50, p99, errors }) => row(name, Math.round(requests / seconds), p50, p99, requests, errors);
  const results = await load({ seconds, tell });
  const sum = (field) => results.reduce((all, result) => all + result[field], 0);
  console.log(`\n${sum("requests")} requests in ${Math.round(sum("seconds"))} s, ${sum("errors")} errors`);
  process.exitCode = sum("errors") === 0 ? 0 : 1;
}
