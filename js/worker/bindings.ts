import type { z } from "zod";

/** The bindings of the environment: texts, or values that are JSON in `wrangler.jsonc`. docs/EDGE.md lists them. */
export type Bindings = Record<string, unknown>;

/** Reads bindings one by one, and collects their faults. */
export class BindingReader {
  readonly faults: string[] = [];
  readonly #bindings: Bindings;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  isAbsent(name: string): boolean {
    return this.#bindings[name] === undefined || this.#bindings[name] === "";
  }

  /** A binding with JSON: as text, or as the value in wrangler.jsonc. */
  json<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    let value = this.isAbsent(name) ? undefined : this.#bindings[name];
    if (typeof value === "string") {
      try {
        value = JSON.parse(value);
      } catch {
        // The parser's own message would show the text.
        this.faults.push(`${name}: is not JSON`);
        return undefined;
      }
    }
    return this.#check(name, schema, value);
  }

  text<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    return this.#check(name, schema, this.isAbsent(name) ? undefined : this.#bindings[name]);
  }

  /** A list: as JSON, or as words separated by commas or spaces. */
  listed<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    const value = this.#bindings[name];
    return typeof value === "string" && !value.trimStart().startsWith("[") ? this.text(name, schema) : this.json(name, schema);
  }

  /** The bindings with a prefix and their values, in the order of their names. */
  prefixed(prefix: string): [name: string, value: unknown][] {
    const names = Object.keys(this.#bindings).filter((name) => name.startsWith(prefix) && !this.isAbsent(name));
    return names.sort().map((name) => [name, this.#bindings[name]]);
  }

  /** Records a fault for every binding with a prefix that is not one of the known ones. */
  refuseOthers(prefix: string, known: readonly string[], fault: string): void {
    for (const name of Object.keys(this.#bindings)) {
      if (name.startsWith(prefix) && !known.includes(name)) {
        this.faults.push(`${name}: ${fault}`);
      }
    }
  }

  #check<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> | undefined {
    const { success, data, error } = schema.safeParse(value);
    if (success) {
      return data;
    }
    for (const issue of error.issues) {
      const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
      this.faults.push(`${name}${placeOf(name, issue.path, value)}: ${message}`);
    }
    return undefined;
  }
}

/** The path to a fault. A token's digest is named by its position, because the token itself may have been written there. */
function placeOf(name: string, path: readonly PropertyKey[], value: unknown): string {
  const steps = path.map((step, depth) => {
    const isDigest = name === "METERGLOT_TOKENS" && depth === 0;
    return isDigest ? `[${Object.keys(value as object).indexOf(String(step))}]` : `.${String(step)}`;
  });
  return steps.join("");
}
