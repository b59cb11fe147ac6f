// For workerd: the world comes as a body, the answers go back as one.
import { ask } from "./ask.mjs";

export default {
  async fetch(request) {
    try {
      return Response.json(await ask(await request.json()));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
