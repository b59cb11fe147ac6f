import { invalidOption } from "./errors.js";

/**
 * Checks a caller's value and gives a copy that holds nothing but what was checked: plain data, safe to write as JSON.
 * `path` names the value in the error.
 */
export type Check<Checked> = (value: unknown, path: string) => Checked;

/** At most 40 characters of a text that a message quotes, as the engine shortens what it quotes. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** A value as an error may show it: short, and without running any code of the value's own. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(shortened(value));
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "bigint":
      // Its digits have no end.
      return `${shortened(String(value))}n`;
    default:
      return String(value);
  }
}

export function refuse(path: string, expected: string, value: unknown): never {
  throw invalidOption(`option \`${path}\`: expected ${expected}, found ${shown(value)}`);
}

export const text: Check<string> = (value, path) => (typeof value === "string" ? value : refuse(path, "a string", value));

export const wholeNumber: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse(path, "a whole number", value);

export const flag: Check<boolean> = (value, path) => (typeof value === "boolean" ? value : refuse(path, "true or false", value));

export function oneOf<Word extends string>(...words: Word[]): Check<Word> {
  const expected = `one of ${words.join(", ")}`;
  return (value, path) => (words.includes(value as Word) ? (value as Word) : refuse(path, expected, value));
}

export function listOf<Checked>(check: Check<Checked>): Check<Checked[]> {
  return (value, path) =>
    Array.isArray(value) ? Array.from(value as unknown[], (item, index) => check(item, `${path}[${index}]`)) : refuse(path, "an array", value);
}

/** An object of known keys, each absent or as its check says. An unknown key is an error. */
export function objectOf<Fields extends Record<string, unknown>>(
  checks: {
    [Key in keyof Fields]: Check<Fields[Key]>;
  },
): Check<Partial<Fields>> {
  return (value, path) => {
    const checked: Partial<Fields> = {};
    for (const [key, field] of fieldsOf(value, path)) {
      const name = path === "" ? shortened(key) : `${path}.${shortened(key)}`;
      if (!Object.hasOwn(checks, key)) {
        throw invalidOption(`option \`${name}\`: is not known; known are ${Object.keys(checks).join(", ")}`);
      }
      checked[key as keyof Fields] = checks[key as keyof Fields](field, name);
    }
    return checked;
  };
}

/** The fields an object has of its own; a field that is undefined counts as absent. */
function fieldsOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const expected = "an object";
    return path === "" ? refuse("options", expected, value) : refuse(path, expected, value);
  }
  return Object.entries(value).filter(([, field]) => field !== undefined);
}
