// Where our own time goes between JavaScript and WebAssembly.
import { barracudaPage, onappHours, wasabiDaily } from "./data.mjs";
import { median } from "./measure.mjs";
import { meterglot } from "./ours.mjs";

const { aggregate, normalize } = meterglot;

/** Counts the time inside functions of the host while `work` runs. */
function inHost(work) {
  const spent = { parse: 0, decode: 0 };
  const watch = (owner, name, key) => {
    const original = owner[name];
    owner[name] = function (...given) {
      const start = performance.now();
      const result = original.apply(this, given);
      spent[key] += performance.now() - start;
      return result;
    };
    return () => {
      owner[name] = original;
    };
  };
  const undo = [watch(JSON, "parse", "parse"), watch(TextDecoder.prototype, "decode", "decode")];
  const start = performance.now();
  try {
    work();
  } finally {
    undo.forEach((back) => back());
  }
  const all = performance.now() - start;
  return { inModule: all - spent.parse - spent.decode, decodeText: spent.decode, parseText: spent.parse };
}

function rounds(count, work) {
  const samples = Array.from({ length: count + 2 }, work).slice(2);
  return Object.fromEntries(Object.keys(samples[0]).map((part) => [part, median(samples.map((sample) => sample[part]))]));
}

/** Milliseconds of each part: the body copied in and read, then the answer made, decoded, and parsed. */
export function parts(size) {
  const aggregated = (body, spec) => () => {
    globalThis.gc?.();
    const start = performance.now();
    const table = normalize(body);
    const normalized = performance.now() - start;
    const rest = inHost(() => aggregate(table, spec));
    table.free();
    return { normalize: normalized, aggregate: rest.inModule, decodeText: rest.decodeText, parseText: rest.parseText };
  };
  const page = barracudaPage();
  const calls = size.smallCalls;
  return {
    wasabi: rounds(size.rounds, aggregated(wasabiDaily(size.wasabiRows), { by: ["resource"], window: "month" })),
    onapp: rounds(size.rounds, aggregated(onappHours(size.onappHours), { window: "day" })),
    small: rounds(size.rounds, () => {
      let [normalized, freed] = [0, 0];
      const told = { records: 0, decodeText: 0, parseText: 0 };
      for (let call = 0; call < calls; call += 1) {
        const start = performance.now();
        const table = normalize(page);
        normalized += performance.now() - start;
        const spent = inHost(() => table.records());
        told.records += spent.inModule;
        told.decodeText += spent.decodeText;
        told.parseText += spent.parseText;
        const last = performance.now();
        table.free();
        freed += performance.now() - last;
      }
      return Object.fromEntries(Object.entries({ normalize: normalized, ...told, free: freed }).map(([part, time]) => [part, time / calls]));
    }),
  };
}
