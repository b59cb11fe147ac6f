// Takes note of the engine's memory as it is made. Imported before the engine.
let memory;

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    memory ??= this.exports.memory;
  }
};

export const engineBytes = () => memory.buffer.byteLength;
