// The deployed worker, and a path that tells how large the engine's memory is, and how much lives in it.
import "./engine.mjs";
import worker from "../../../www/worker/src/index.ts";
import { engineBytes, liveHandles } from "./engine.mjs";

export default {
  fetch(request, env, context) {
    return new URL(request.url).pathname === "/engine" ? Response.json({ bytes: engineBytes(), live: liveHandles() }) : worker.fetch(request, env, context);
  },
};
