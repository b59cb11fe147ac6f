import { call, currentGeneration } from "./engine.js";

/** Formats that the engine knows at a time, and that one call may name. */
const MOST = 64;

/** By what the engine reads a format from: its place in the engine. The one that was used last comes last. */
let places = new Map<string, number>();
let generation = currentGeneration();

/** The place of a format in the engine, which checks and compiles it when it is used first. The format that was not used for longest gives way. */
export function placeOf(source: string): number {
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
