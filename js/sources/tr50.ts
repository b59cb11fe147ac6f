import type { Call } from "./call.js";
import { fetchWhole, type WholeReply } from "./http.js";
import type { Outgoing } from "./outgoing.js";
import { field, isObject, type Json, jsonIn } from "./json.js";
import type { Pass } from "./renewable.js";

/** A command of TR50 with its parameters. */
export interface Command {
  command: string;
  params: Record<string, unknown>;
}

/** The id of the one command that a request holds. */
const ID = "usage";

/** The request's body without its session, as the engine receives it. */
export function bodyOf(command: Command): string {
  return JSON.stringify({ [ID]: command });
}

/** What a command gives; null where the reply is none that can be looked into. */
export interface Answer {
  reply: WholeReply;
  params: Json | null;
}

/** Asks within a session. */
export async function ask(call: Call, url: string, command: Command, sessionId: string): Promise<Answer> {
  const reply = await post(call, url, { auth: { sessionId }, [ID]: command });
  const root = jsonIn(reply.body);
  const answer = field(root, ID);
  // Errors come with status 200 too: of the whole request at the root, of a command in its own answer.
  for (const [failed, isRoot] of [
    [root, true],
    [answer, false],
  ] as const) {
    if (field(failed, "success") === false && isOfSession(failed, isRoot)) {
      throw call.error("unauthorized", "devicewise refused the session");
    }
  }
  if (isObject(root) && answer === undefined && field(root, "success") === undefined) {
    throw call.error("incomplete", "the reply has no answer to the command that was sent", { missing: "the answer to usage.api.history" });
  }
  const params = field(answer, "params");
  return { reply, params: isObject(params) ? params : null };
}

/** Opens a session. How long it lives is not documented. */
export async function login(call: Call, url: string, params: { username: string; password: string }): Promise<Pass> {
  const { body } = await post(call, url, { auth: { command: "api.authenticate", params } }, true);
  const root = jsonIn(body);
  const answer = field(root, "auth");
  const sessionId = field(field(answer, "params"), "sessionId");
  if (field(answer, "success") === true && typeof sessionId === "string" && /^[\x21-\x7e]+$/.test(sessionId)) {
    return { value: sessionId, until: Number.POSITIVE_INFINITY };
  }
  if (field(answer ?? root, "success") === false) {
    throw call.error("unauthorized", "devicewise refused to open a session: check `username` and `password`");
  }
  throw call.error("provider-error", "devicewise: the reply to a login holds no session");
}

function post(call: Call, url: string, commands: object, authenticates = false): Promise<WholeReply> {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const request: Outgoing = { method: "POST", url, headers, body: JSON.stringify(commands), authenticates };
  return fetchWhole(call, request);
}

/** No table of codes is published: a failure is detected by its words, and one of a whole request without any may be it. */
function isOfSession(failed: unknown, isRoot: boolean): boolean {
  const messages = [field(failed, "errorMessages")].flat().filter((text) => typeof text === "string" || typeof text === "number");
  return (isRoot && messages.length === 0) || messages.some((message) => /session|authenti|log(ged)? ?in/i.test(String(message)));
}
