/** A request that is safe to send twice: each of these only reads, or asks for a token. */
export interface Outgoing {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** It asks for a token or a session: nothing that an error reply says is shown. */
  authenticates?: boolean;
}
