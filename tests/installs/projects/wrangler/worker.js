import { usage } from "./usage.js";

export default {
  async fetch() {
    return new Response(await usage());
  },
};
