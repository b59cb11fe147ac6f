import { call, currentGeneration } from "./engine.js";
import { sourceOf } from "./formats.js";
import { type Check, listOf, refuse } from "./validate.js";

/** Formats that the engine knows at a time, and that one call may name. */
const MOST = 64;

/** By what the engine reads a format from: its place in the engine. The one that was used last comes last. */
let places = new Map<string, number>();
let generation = currentGeneration();

/** The place of a format in the engine, which checks and compiles it when it is used first. The format that was not used for longest gives way. */
function placeOf(source: string): number {
  if (generation !== currentGeneration()) {
    places = new Map();
    generation = currentGeneration();
  }
  let place = places.get(source);
  if (place === undefined) {
    place = places.size;
    const [oldest] = places;
    if (place === MOST && oldest !== undefined) {
      place = oldest[1];
      places.delete(oldest[0]);
    }
    const free = place;
    call((engine) => engine.setFormat(free, source));
  } else {
    places.delete(source);
  }
  places.set(source, place);
  return place;
}

/** A format of `defineFormat`, as the text that the engine reads it from. */
const format: Check<string> = (value, path) => sourceOf(value) ?? refuse(path, "a format of `defineFormat`", value);

/** The same, or the name of a built-in format. */
export const formatOrName: Check<string> = (value, path) => {
  const isName = typeof value === "string" && !value.includes("{");
  return isName ? value : (sourceOf(value) ?? refuse(path, "a format of `defineFormat` or the name of a built-in one", value));
};

const list = listOf(format);

export const formatList: Check<string[]> = (value, path) => {
  const formats = list(value, path);
  return formats.length > MOST ? refuse(path, `at most ${MOST} formats`, formats.length) : formats;
};

/** Formats that were checked: the texts that the engine reads them from. */
export interface CheckedFormats {
  format?: string;
  formats?: string[];
}

/** Options with formats as the engine takes them: descriptors by their places. A name has no braces. */
export function withPlaces(options: CheckedFormats): object {
  const { format, formats } = options;
  return {
    ...options,
    ...(format === undefined ? {} : { format: format.includes("{") ? placeOf(format) : format }),
    ...(formats === undefined ? {} : { formats: formats.map(placeOf) }),
  };
}
