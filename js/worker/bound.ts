import { Problem } from "./problem.js";
import type { UsageParameters } from "./schemas.js";
import type { z } from "zod";

/** The parameter that names an account or user, and the field of a source with the default. */
const NAMED_BY = {
  barracuda: { parameter: "account", field: "partner" },
  wasabi: { parameter: "account", field: "account" },
  onapp: { parameter: "user", field: "user" },
} as const;

type Asked = Pick<z.output<typeof UsageParameters>, "account" | "user">;

/** The accounts or users that may be queried: credentials can often read more than a caller may. */
export class Bound {
  readonly #parameter: "account" | "user";
  readonly #names: ReadonlySet<string>;
  readonly #needsName: boolean;

  private constructor(parameter: "account" | "user", names: readonly string[], needsName: boolean) {
    this.#parameter = parameter;
    this.#names = new Set(names);
    this.#needsName = needsName;
  }

  /** The limit that a source's configuration sets; none if it names no account, or allows all. */
  static of(provider: string, fields: Readonly<Record<string, unknown>>, accounts: "*" | readonly string[] | undefined): Bound | undefined {
    if (!isNamed(provider) || accounts === "*") {
      return undefined;
    }
    const { parameter, field } = NAMED_BY[provider];
    const own = fields[field];
    if (own === undefined && accounts === undefined) {
      return undefined;
    }
    // A partner is not an account, even if both have the same name.
    const isAskedByName = typeof own === "string" && parameter === field;
    return new Bound(parameter, [...(accounts ?? []), ...(isAskedByName ? [own] : [])], own === undefined);
  }

  /** Throws if the query is for another account or user. */
  check(asked: Asked): void {
    const name = asked[this.#parameter];
    if (name === undefined && this.#needsName) {
      throw new Problem("invalid-option", `query parameter \`${this.#parameter}\`: is missing: each query of this source must name one`);
    }
    if (name !== undefined && !this.#names.has(name)) {
      const detail = `query parameter \`${this.#parameter}\`: this source may not be asked for this one; its configuration names who it may be asked for`;
      throw new Problem("source-not-allowed", detail, { headers: { "WWW-Authenticate": 'Bearer realm="meterglot", error="insufficient_scope"' } });
    }
  }
}

/** Whether a query of this provider can name an account or user. */
export function isNamed(provider: string): provider is keyof typeof NAMED_BY {
  return Object.hasOwn(NAMED_BY, provider);
}
