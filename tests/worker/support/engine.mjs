// Takes note of the engine's memory as it is made, and counts what lives in it. Imported before the engine.
let memory;
const live = { listing: 0, aggregator: 0 };

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    memory ??= super.exports.memory;
    const exports = { ...super.exports };
    for (const kind of Object.keys(live)) {
      count(exports, `${kind}_new`, () => (live[kind] += 1));
      count(exports, `__wbg_${kind}_free`, () => (live[kind] -= 1));
    }
    Object.defineProperty(this, "exports", { value: exports });
  }
};

/** Notes each call of an export that comes back. */
function count(exports, name, note) {
  const call = exports[name];
  exports[name] = (...given) => {
    const result = call(...given);
    note();
    return result;
  };
}

export const engineBytes = () => memory.buffer.byteLength;

/** Listings and aggregators that have been made and not been freed. */
export const liveHandles = () => live.listing + live.aggregator;
