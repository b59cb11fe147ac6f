// The test providers, the worker and the portal on this machine, and calls through them: node www/worker/local/demo.mjs [--serve]
// At a terminal, or with --serve, all go on until they are ended.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build as buildPortal } from "../../portal/local/build.mjs";
import { serve as servePortal } from "../../portal/local/serve.mjs";
import { serve } from "../../../tests/providers/index.mjs";
import { bindingsOf } from "./bindings.mjs";
import { stays } from "./stays.mjs";
import { startWorker } from "./worker.mjs";

const TOKEN = "demo-token";
const RECORDS_SHOWN = 2;

const { values } = parseArgs({ options: { serve: { type: "boolean", default: false } } });

const goesOn = stays({ serve: values.serve, input: process.stdin, output: process.stdout, environment: process.env });

const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
// Ended by hand, the process does not come to its last lines.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const portal = await servePortal(folder);
const providers = await serve();
const worker = await startWorker({
  bindings: bindingsOf(providers, {
    more: { retry: { baseMs: 20 } },
    tokens: { [TOKEN]: { sources: "*", name: "demo" } },
    METERGLOT_CORS: [new URL(portal.url).origin],
  }),
});

const week = { from: "2025-03-03", to: "2025-03-10" };

/** Asks the worker, and shows what was asked. */
async function ask(path, query = {}, accept = "application/json") {
  const url = new URL(path, worker.url);
  url.search = new URLSearchParams(query).toString();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${TOKEN}`, Accept: accept } });
  console.log(`\n  GET ${url.pathname}${url.search}\n  ${response.status} ${response.headers.get("content-type")}`);
  return response;
}

const amount = ({ quantity, unit, cost, currency }) => (quantity === null ? `${cost} ${currency ?? "(unknown currency)"}` : `${quantity} ${unit}`);

try {
  console.log(`\nThe edge worker at ${worker.url.origin}, before five providers to test against`);

  const { sources } = await (await ask("/v1/sources")).json();
  console.log(`  ${sources.map(({ name }) => name).join(", ")}`);

  const lines = (await (await ask("/v1/usage/wasabi", week, "application/x-ndjson")).text()).trimEnd().split("\n");
  console.log(`  ${lines.length} records, ${RECORDS_SHOWN} of them:`);
  for (const { resourceName, metric, start, ...record } of lines.slice(0, RECORDS_SHOWN).map((line) => JSON.parse(line))) {
    console.log(`    ${start}  ${resourceName}  ${metric}  ${amount(record)}`);
  }
  console.log(`  the provider counts ${providers.rows("wasabi", { ...week, account: providers.credentials.wasabi.account })} rows of 18 figures`);

  for (const { name } of sources) {
    const { rows, records } = await (await ask(`/v1/aggregate/${name}`, { ...week, window: "week" })).json();
    const [first] = rows;
    console.log(`  ${records} records, ${rows.length} rows; the first: ${first.metric}, ${first.reducer}, ${amount(first)}`);
  }

  console.log("\nAnd on a fault");
  providers.injectFault("onapp", { kind: "500" });
  const { records, complete } = await (await ask("/v1/usage/onapp", week)).json();
  console.log(`  it answered 500 once and was asked again: ${records.length} records, complete: ${complete}`);
  providers.injectFault("cloudsigma", { kind: "row-removed", times: Infinity });
  const problem = await (await ask("/v1/usage/cloudsigma", { ...week, pageSize: "20" }, "application/x-ndjson")).text();
  const last = JSON.parse(problem.trimEnd().split("\n").at(-1));
  const { code, detail, missing } = last.problem ?? last;
  console.log(`  its listing changed while it was read: ${code}\n    ${detail}; missing: ${missing}`);
  providers.faults.end();

  buildPortal({ edge: worker.url.origin, folder });
  const { status } = await fetch(portal.url);
  console.log(`\nThe portal at ${portal.url}\n  ${status}, built for this worker; choose "From a source" there and give the token ${TOKEN}`);

  if (goesOn) {
    const query = new URLSearchParams(week);
    console.log(`
It goes on until you end it, with Ctrl-C.
  curl -H 'Authorization: Bearer ${TOKEN}' '${worker.url.origin}/v1/usage/wasabi?${query}'
  curl -H 'Authorization: Bearer ${TOKEN}' -H 'Accept: text/csv' '${worker.url.origin}/v1/aggregate/onapp?${query}&window=day'
  ${worker.url.origin}/openapi.json
  faults, requests and the expected data: ${providers.baseUrls.control}/`);
    await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
  } else {
    console.log("\nIt ends here, and the addresses above with it: nobody is at a terminal, or CI is set. With --serve it stays up.");
  }
} finally {
  await worker.stop();
  await providers.close();
  portal.close();
}
