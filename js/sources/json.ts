export type Json = { [name: string]: unknown };

/** The value of a JSON body, or null if it is not JSON: the engine then reports why. */
export function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of an object. Servers differ in the case of their names. */
export function field(value: unknown, name: string): unknown {
  if (!isObject(value)) {
    return undefined;
  }
  const own = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
  return own === undefined ? undefined : value[own];
}
