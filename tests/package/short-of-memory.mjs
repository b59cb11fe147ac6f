// A real trap, on demand.

export const PAGES_TO_SPARE = 32;

/** The module with a memory that may grow by a few pages only: a large body makes it run out, which is a real trap. */
export function shortOfMemory(bytes) {
  const number = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return { value, next: at };
      }
    }
  };
  const written = (value) => {
    const out = [];
    do {
      out.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
      value >>>= 7;
    } while (value > 0);
    return out;
  };
  const MEMORY_SECTION = 5;
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const { value: size, next: content } = number(at + 1);
    if (id === MEMORY_SECTION) {
      const { next: flags } = number(content);
      const { value: pages } = number(flags + 1);
      const limits = [1, 1, ...written(pages), ...written(pages + PAGES_TO_SPARE)];
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([MEMORY_SECTION, ...written(limits.length), ...limits]), bytes.subarray(content + size)]);
    }
    at = content + size;
  }
  throw new Error("the module has no memory");
}
