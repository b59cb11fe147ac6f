// What the providers were asked, for tests to look at. Of headers the names are kept, never what they hold.

/**
 * @typedef {object} LoggedRequest
 * @property {string} provider
 * @property {string} method
 * @property {string} path
 * @property {string} query as it was sent, without the question mark
 * @property {string[]} headerNames in lower case, sorted
 * @property {import("./api/context.mjs").Credential} credential
 * @property {string | null} fault its kind
 * @property {number | null} status `null` until there is one, and where the connection was cut before
 * @property {number} bytes of the body, as far as it was taken
 * @property {"open" | "complete" | "broken"} body
 */

const MOST_ENTRIES = 10_000;

export class RequestLog {
  /** @type {LoggedRequest[]} */
  #entries = [];

  /** The requests of a provider, or all, in the order they came. */
  of(/** @type {string | undefined} */ provider = undefined) {
    return this.#entries.filter((entry) => provider === undefined || entry.provider === provider);
  }

  clear() {
    this.#entries = [];
  }

  /**
   * @param {string} provider
   * @param {import("./api/context.mjs").Context} c
   * @param {import("./api/context.mjs").Credential} credential
   */
  open(provider, c, credential) {
    const url = new URL(c.req.url);
    /** @type {LoggedRequest} */
    const entry = {
      provider,
      method: c.req.method,
      path: url.pathname,
      query: url.search.slice(1),
      headerNames: Object.keys(c.req.header()).sort(),
      credential,
      fault: null,
      status: null,
      bytes: 0,
      body: "open",
    };
    this.#entries.push(entry);
    if (this.#entries.length > MOST_ENTRIES) {
      this.#entries.shift();
    }
    return entry;
  }

  /**
   * The response, its bytes counted while they are taken.
   *
   * @param {LoggedRequest} entry
   * @param {import("./api/context.mjs").Context} c
   * @param {Response} response
   */
  close(entry, c, response) {
    const cut = () => c.env?.outgoing?.destroyed ?? false;
    entry.status = cut() ? null : response.status;
    if (response.body === null) {
      entry.body = cut() ? "broken" : "complete";
      return response;
    }
    const reader = response.body.getReader();
    const counted = new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) {
            entry.body = cut() ? "broken" : "complete";
            controller.close();
            return;
          }
          entry.bytes += value.length;
          controller.enqueue(value);
        },
        cancel(reason) {
          entry.body = "broken";
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(counted, response);
  }
}
