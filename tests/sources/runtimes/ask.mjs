// What each runtime is asked to do: every source in every form, and the days on which runtimes differ.
import { openSource } from "meterglot/sources";

const period = { from: "2024-03-08", to: "2024-03-12" };
const hasty = { retry: { limit: 2, baseMs: 1, maxDelayMs: 10, maxRetryAfterMs: 50 }, timeoutMs: 400 };

/** Where redirects, breaks and waits are the runtime's own. A wait of a few hours is more than a test has. */
const days = [
  { kind: "redirect" },
  { kind: "redirect", status: 307, to: "/v1/utilizations/buckets?from=2024-03-08&to=2024-03-12" },
  { kind: "429" },
  { kind: "429", retryAfter: 7200 },
  { kind: "500" },
  { kind: "reset" },
  { kind: "cut" },
  { kind: "slow-headers", ms: 900 },
  { kind: "slow-body", ms: 900 },
  { kind: "denied" },
];

/** Queries the providers at the addresses in `world`; the answers are the same in every runtime. */
export async function ask({ baseUrls, configs }) {
  const answers = {};
  for (const [provider, config] of Object.entries(configs)) {
    // Wasabi has two APIs.
    const source = openSource(config.api === "stats" ? "wasabi" : provider, { ...config, ...hasty });
    const ids = [];
    for await (const { id } of source.records(period)) {
      ids.push(id);
    }
    const csv = await new Response(source.stream(period, "csv")).text();
    const table = await source.table(period);
    answers[provider] = { records: ids.length, digest: await digestOf(ids.join()), csv: await digestOf(csv), table: table.length };
    table.free();
  }
  for (const day of days) {
    await control(baseUrls, "POST", "/faults/wasabi", day);
    answers[JSON.stringify(day)] = await outcomeOf(openSource("wasabi", { ...configs.wasabi, ...hasty }));
    await control(baseUrls, "DELETE", "/faults");
  }
  answers.unreachable = await outcomeOf(openSource("wasabi", { ...configs.wasabi, ...hasty, baseUrl: "http://127.0.0.1:9" }));
  answers.stoodStill = await broken(baseUrls, configs);
  answers.aborted = await aborted(baseUrls, configs);
  return answers;
}

async function outcomeOf(source) {
  try {
    const table = await source.table(period);
    const { length } = table;
    table.free();
    return length;
  } catch (error) {
    return `${error.name} ${error.code}`;
  }
}

async function broken(baseUrls, configs) {
  await control(baseUrls, "POST", "/faults/wasabi", { kind: "slow-body", at: 20_000, ms: 5000 });
  const source = openSource("wasabi", { ...configs.wasabi, ...hasty, maxPageBytes: 100 });
  let given = 0;
  try {
    for await (const _ of source.records(period)) {
      given += 1;
    }
  } catch (error) {
    return `${error.code} ${error.missing === `what follows after ${given} records`}`;
  }
  return "whole";
}

async function aborted(baseUrls, configs) {
  await control(baseUrls, "POST", "/faults/wasabi", { kind: "slow-headers", ms: 5000 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const start = Date.now();
  const source = openSource("wasabi", configs.wasabi);
  try {
    await source.table(period, { signal: controller.signal });
  } catch (error) {
    return `${error.code} ${Date.now() - start < 2000}`;
  } finally {
    await control(baseUrls, "DELETE", "/faults");
  }
  return "whole";
}

async function control(baseUrls, method, path, day) {
  const body = day === undefined ? null : JSON.stringify(day);
  const response = await fetch(`${baseUrls.control}${path}`, { method, body, headers: { "content-type": "application/json" } });
  await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status}`);
  }
}

async function digestOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest).subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
