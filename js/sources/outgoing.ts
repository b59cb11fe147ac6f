/** A request that is safe to send twice: each of these only reads, or asks for a token. */
export interface Outgoing {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Whether it asks for a token or a session. No text of an error reply is then attached to the error. */
  authenticates?: boolean;
}
