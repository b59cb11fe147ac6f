import type { Call } from "./call.js";
import type { Outgoing } from "./outgoing.js";

/** Redirects in a row that are followed. */
const LONGEST_WAY = 5;

/** Sends a request and follows redirects, but only within its own origin: its headers have credentials. */
export async function follow(call: Call, outgoing: Outgoing, signal: AbortSignal, send: (request: Request) => Promise<Response>): Promise<Response> {
  const { method, headers, body = null } = outgoing;
  let url = new URL(outgoing.url);
  for (let way = 0; way < LONGEST_WAY; way += 1) {
    const response = await send(new Request(url, { method, headers, body, redirect: "manual", signal }));
    const target = targetOf(call, response, url, outgoing);
    if (target === null) {
      return response;
    }
    response.body?.cancel().catch(() => {});
    url = target;
  }
  throw call.error("provider-error", "the provider redirects in a circle");
}

function targetOf(call: Call, response: Response, from: URL, { method, url }: Outgoing): URL | null {
  if (response.type === "opaqueredirect") {
    throw call.error("foreign-origin", "the provider redirects, and this runtime does not show where to: it is not followed");
  }
  const location = response.headers.get("location");
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
    return null;
  }
  const { status } = response;
  let target: URL;
  try {
    target = new URL(location, from);
  } catch {
    throw call.error("provider-error", "the provider redirects to what is no URL", { status });
  }
  if (target.origin !== from.origin || target.username !== "" || target.password !== "") {
    const message = `the provider redirects from ${from.origin} to ${call.settings.secrets.hide(target.origin)}, where the credentials must not go`;
    throw call.error("foreign-origin", message, { status });
  }
  if (method === "POST" && status !== 307 && status !== 308) {
    throw call.error("provider-error", "the provider redirects a POST to a GET, which would lose its body", { status });
  }
  // A reply to another query would be read as the reply to this one.
  if (String(target.searchParams) !== String(new URL(url).searchParams)) {
    throw call.error("provider-error", "the provider redirects to an address with another query than the one that was asked", { status });
  }
  return target;
}
