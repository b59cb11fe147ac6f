import type { Refusal } from "./protocol.js";

/** What was refused, and the code that says why. */
export class Refused extends Error {
  readonly code: string;

  constructor({ code, message }: Refusal) {
    super(message);
    this.code = code;
  }
}

/** Whatever went wrong as a refusal; what has no code is a defect. */
export const refusedBy = (error: unknown): Refused => (error instanceof Refused ? error : new Refused({ code: "internal", message: String(error) }));
