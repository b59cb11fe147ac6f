import { placeOf } from "./format-places.js";
import { sourceOf } from "./formats.js";
import { shown } from "./validate.js";

/** Deeper than any option of the engine nests: what is below is refused with what holds it. */
const DEEPEST = 5;

/**
 * Copies a caller's value as plain data. Code of the value's own (getters, proxies) runs here, and never within a call of the engine. In the place of
 * what JSON cannot hold is an object that says what it was, which the engine refuses, or takes where it expects a function.
 */
export function plain(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) {
        return value;
      }
      break;
    case "object":
      if (value === null) {
        return null;
      }
      if (Array.isArray(value)) {
        return depth === DEEPEST ? [] : Array.from(value as unknown[], (item) => plain(item, depth + 1));
      }
      return depth === DEEPEST ? {} : plainObject(value as Record<string, unknown>, depth + 1);
  }
  return { "not JSON": shown(value) };
}

/** A format of `defineFormat` is the number that stands for it in the engine. */
function plainObject(value: Record<string, unknown>, depth: number): object {
  const source = sourceOf(value);
  return source === undefined ? plainFields(value, depth) : { "usage format": placeOf(source) };
}

/** A field that is undefined counts as absent. */
function plainFields(fields: Record<string, unknown>, depth: number): object {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const field = fields[name];
    if (field !== undefined) {
      const value = plain(field, depth);
      // To assign to this name would set the prototype.
      name === "__proto__" ? Object.defineProperty(copy, name, { value, enumerable: true }) : (copy[name] = value);
    }
  }
  return copy;
}

/** Options as the engine takes them, which checks them: JSON, or nothing where none are given. */
export function optionsText(options: unknown): string {
  return options === undefined ? "" : JSON.stringify(plain(options));
}
