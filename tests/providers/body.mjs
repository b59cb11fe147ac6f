// Bodies that are made while they are read.

const BYTES_A_CHUNK = 64 * 1024;

/**
 * A body made of pieces of text, one chunk at a time: nothing is made before it is asked for, and nothing kept.
 *
 * @param {Iterable<string>} pieces
 * @returns {ReadableStream<Uint8Array>}
 */
export function streamOf(pieces) {
  const iterator = pieces[Symbol.iterator]();
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      pull(controller) {
        let text = "";
        while (text.length < BYTES_A_CHUNK) {
          const { done, value } = iterator.next();
          if (done) {
            if (text !== "") {
              controller.enqueue(encoder.encode(text));
            }
            controller.close();
            return;
          }
          text += value;
        }
        controller.enqueue(encoder.encode(text));
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A body made of chunks.
 *
 * @param {AsyncGenerator<Uint8Array>} chunks
 * @returns {ReadableStream<Uint8Array>}
 */
export function streamFrom(chunks) {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) {
          controller.close();
        } else {
          controller.enqueue(value);
        }
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Text escaped for XML, between tags or in an attribute. */
export const xml = (/** @type {string} */ text) => text.replace(/[&<>"']/g, (character) => /** @type {string} */ (ENTITIES[character]));
