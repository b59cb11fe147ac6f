// The same handles over HTTP, for other processes: a separate origin, on loopback like the others.
import { Hono } from "hono";
import { kindsAt } from "./faults.mjs";

/** @typedef {import("./providers.mjs").Origin} Origin */
/** @typedef {import("./providers.mjs").Provider} Provider */

/**
 * @param {import("./providers.mjs").Providers} providers
 * @param {Partial<Record<string, string>>} baseUrls
 */
export function controlApp(providers, baseUrls) {
  const { apps, faults, credentials } = providers;
  const isOrigin = (/** @type {string} */ name) => Object.hasOwn(apps, name);
  const told = (/** @type {ReturnType<typeof providers.injectFault>} */ { origin, fault, affected }) => ({ origin, ...fault, affected });

  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message }, error instanceof TypeError || error instanceof SyntaxError ? 400 : 500));
  app.use("/:what/:origin", async (c, next) => {
    const { origin } = c.req.param();
    return isOrigin(origin) ? next() : c.json({ error: `no origin ${origin}` }, 404);
  });

  app.get("/", (c) =>
    c.json({
      baseUrls,
      credentials,
      faults: Object.fromEntries(Object.keys(apps).map((origin) => [origin, kindsAt(/** @type {Origin} */ (origin))])),
    }),
  );

  app.get("/faults", (c) => c.json(faults.active.map(told)));
  app.post("/faults/:origin", async (c) => {
    const { times, ...day } = await c.req.json();
    // JSON has no number for as long as it is not ended.
    const injected = providers.injectFault(/** @type {Origin} */ (c.req.param("origin")), {
      ...day,
      ...(times === undefined ? {} : { times: times ?? Infinity }),
    });
    return c.json(told(injected), 201);
  });
  app.delete("/faults", (c) => {
    faults.end();
    return c.body(null, 204);
  });
  app.delete("/faults/:origin", (c) => {
    faults.end(/** @type {Origin} */ (c.req.param("origin")));
    return c.body(null, 204);
  });

  app.get("/requests", (c) => c.json(providers.requests()));
  app.get("/requests/:origin", (c) => c.json(providers.requests(/** @type {Origin} */ (c.req.param("origin")))));
  app.delete("/requests", (c) => {
    providers.forgetRequests();
    return c.body(null, 204);
  });

  app.get("/expected/:origin", (c) => {
    const { regional, includeSubOrgs, ...query } = c.req.query();
    const flags = { regional: regional === "true", includeSubOrgs: includeSubOrgs === "true" };
    return c.json(
      providers.expected(/** @type {Provider} */ (c.req.param("origin")), /** @type {import("./expected.mjs").ExpectedQuery} */ ({ ...query, ...flags })),
    );
  });
  return app;
}
