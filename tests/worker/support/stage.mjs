// The five providers, the worker in workerd that queries them, and a client.
import { bindingsOf } from "../../../www/worker/local/bindings.mjs";
import { startWorker } from "../../../www/worker/local/worker.mjs";
import { serve } from "../../providers/index.mjs";

export const TOKEN = "a-token-for-everything";

/** Later than every period that is asked for; the worker's own clock is the real one. */
const NOW = Date.parse("2024-12-01T00:00:00Z");

/** Sources with short timeouts, so that a fault does not take long. */
export const HASTY = { retry: { limit: 2, baseMs: 5, maxDelayMs: 20, maxRetryAfterMs: 50 }, timeoutMs: 600, totalTimeoutMs: 6000 };

/** Each request to a provider gets a new answer. */
export const NOTHING_KEPT = { cacheSeconds: 0 };

/** workerd closes a connection after an answer that was broken off; a client that would have used it again opens a new one. */
async function onAnyConnection(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (!["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(error.cause?.code) || !["undefined", "string"].includes(typeof init.body)) {
      throw error;
    }
    return fetch(url, init);
  }
}

/**
 * Starts everything. `world` are options of the providers, `more` goes into every source, `each` into the one of that name.
 */
export async function stage({ world = {}, more = HASTY, each = {}, tokens = {}, limits = {}, bindings = {}, entry } = {}) {
  const providers = await serve({ clock: () => NOW, ...world });
  const lines = [];
  const printed = [];
  const all = bindingsOf(providers, { more, each, limits, tokens: { [TOKEN]: { sources: "*", name: "tester" }, ...tokens }, ...bindings });
  const worker = await startWorker({
    bindings: all,
    ...(entry === undefined ? {} : { entry }),
    onLog: (line) => lines.push(line),
    onPrint: (line) => printed.push(line),
  });

  /** Asks the worker. `query` may be an object. */
  const ask = (path, { query = {}, token = TOKEN, accept, headers = {}, ...init } = {}) => {
    const url = new URL(path, worker.url);
    for (const [name, value] of Object.entries(query)) {
      url.searchParams.append(name, value);
    }
    return onAnyConnection(url, {
      redirect: "manual",
      ...init,
      headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...(accept === undefined ? {} : { Accept: accept }), ...headers },
    });
  };

  return {
    ...providers,
    worker,
    ask,
    /** Lines of the worker's log, and what else workerd printed. */
    lines,
    printed,
    bindings: all,
    /** The line of a request, once it is written. */
    async lineOf(response) {
      const id = response.headers.get("x-request-id");
      for (let tries = 0; tries < 200; tries++) {
        const line = lines.find((candidate) => candidate.event === "request" && candidate.id === id);
        if (line !== undefined) {
          return line;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`the log has no line of request ${id}`);
    },
    async close() {
      await worker.stop();
      await providers.close();
    },
  };
}
