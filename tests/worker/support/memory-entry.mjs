// The deployed worker, and a path that tells how large the engine's memory is.
import "./memory.mjs";
import worker from "../../../www/worker/src/index.ts";
import { engineBytes } from "./memory.mjs";

export default {
  fetch(request, env, context) {
    return new URL(request.url).pathname === "/engine-bytes" ? new Response(String(engineBytes())) : worker.fetch(request, env, context);
  },
};
