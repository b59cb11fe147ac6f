// The five on loopback, each at an origin of its own.
import { createAdaptorServer } from "@hono/node-server";
import { controlApp } from "./control.mjs";
import { createProviders } from "./providers.mjs";

/** @typedef {import("./providers.mjs").Origin | "control"} ServedOrigin */

const HOST = "127.0.0.1";

/**
 * Starts them.
 *
 * @param {import("./providers.mjs").Options & { ports?: Partial<Record<ServedOrigin, number>> }} [options] a port that is not given is a free one
 */
export async function serve({ ports = {}, ...options } = {}) {
  const baseUrls = /** @type {Record<ServedOrigin, string>} */ ({});
  const providers = createProviders({ elsewhere: () => baseUrls.elsewhere, ...options });
  const apps = Object.entries({ ...providers.apps, control: controlApp(providers, baseUrls) });
  /** @type {import("node:http").Server[]} */
  const servers = [];
  const close = async () => {
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  };

  try {
    for (const [name, app] of apps) {
      const origin = /** @type {ServedOrigin} */ (name);
      // A client in this process keeps the platform's Request and Response.
      const server = /** @type {import("node:http").Server} */ (createAdaptorServer({ fetch: /** @type {any} */ (app.fetch), overrideGlobalObjects: false }));
      await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(ports[origin] ?? 0, HOST, () => resolve(undefined));
      });
      servers.push(server);
      baseUrls[origin] = `http://${HOST}:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...providers,
    baseUrls,
    /** Ends every connection, whatever is under way. */
    close,
  };
}
