import { usage } from "../../../usage.js";

export async function GET() {
  return new Response(await usage());
}
