// For workerd: the world comes as a body, the answers go back as one.
import { openSource } from "meterglot/sources";
import { ask } from "./ask.mjs";

// One for all requests: no request may wait for another one, which may have been dropped.
let shared;

export default {
  async fetch(request) {
    try {
      const world = await request.json();
      if (new URL(request.url).pathname !== "/shared") {
        return Response.json(await ask(world));
      }
      shared ??= openSource("barracuda", world.configs.barracuda);
      const table = await shared.table({ from: "2024-01-01", to: "2024-03-01", pageSize: 10 });
      return Response.json(table.length);
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
