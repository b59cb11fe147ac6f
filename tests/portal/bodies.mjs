// Replies that are brought to the portal.
import { readFileSync } from "node:fs";

export const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
export const docs = (name) => fixture(`provider-docs/${name}`);

/** A file as a person chooses it. */
export const body = (name, bytes) => ({ name, bytes: Buffer.from(bytes) });
