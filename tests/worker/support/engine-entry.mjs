// The deployed worker, with a path that reports the size of the engine's memory and the number of values in it.
import "./engine.mjs";
import worker from "../../../www/worker/src/index.ts";
import { engineBytes, liveHandles } from "./engine.mjs";

export default {
  fetch(request, env, context) {
    return new URL(request.url).pathname === "/engine" ? Response.json({ bytes: engineBytes(), live: liveHandles() }) : worker.fetch(request, env, context);
  },
};
