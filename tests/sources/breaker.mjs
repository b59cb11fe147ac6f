// A proxy that breaks the replies of another server: in which frame, after how many bytes, and how the connection ends.
import { createServer } from "node:http";
import { deflateSync, gzipSync } from "node:zlib";

/** How many bytes a chunk has: few, so that a body is cut in and between chunks. */
const CHUNK = 700;

const chunk = (bytes) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

function chunks(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    pieces.push(chunk(bytes.subarray(at, at + CHUNK)));
  }
  return pieces;
}

/**
 * Ways to give a part of a body. `whole` is what should have come, `part` what comes of it; `shows` is whether HTTP itself shows
 * that something is missing.
 */
export const BREAKS = {
  "chunks without a last one": { shows: true, write: (_, part) => [{ "transfer-encoding": "chunked" }, chunks(part)] },
  "a chunk that is cut": {
    shows: true,
    write: (_, part) => [{ "transfer-encoding": "chunked" }, [Buffer.concat(chunks(Buffer.concat([part, Buffer.alloc(9)]))).subarray(0, -11)]],
  },
  "fewer bytes than the length": { shows: true, write: (whole, part, more) => [{ "content-length": whole.length + more }, [part]] },
  "a reset in mid-body": { shows: true, resets: true, write: (whole, part) => [{ "content-length": whole.length }, [part]] },
  "a length of its own": { shows: false, write: (_, part) => [{ "content-length": part.length }, [part]] },
  "a last chunk": { shows: false, write: (_, part) => [{ "transfer-encoding": "chunked" }, [...chunks(part), chunk(Buffer.alloc(0))]] },
  "the end of the connection": { shows: false, write: (_, part) => [{ connection: "close" }, [part]] },
};

/** What a body is packed in before it is broken. */
export const CODINGS = { gzip: gzipSync, deflate: deflateSync };

/**
 * Starts one. `spoil` says which replies are broken and how: `after` so many good ones, `times` of them, with the kind of
 * break `how`, at the byte that `at` makes of the body (as it is packed in `coding`); its length may be said to be `more`.
 */
export async function breaker(target) {
  let spoil = null;
  const server = createServer(async (request, response) => {
    const { host, connection, "accept-encoding": accepted, ...headers } = request.headers;
    const body = request.method === "POST" ? await new Response(request).text() : undefined;
    const reply = await fetch(`${target}${request.url}`, { method: request.method, headers, ...(body === undefined ? {} : { body }), redirect: "manual" });
    const good = Buffer.from(await reply.arrayBuffer());
    const { socket } = response;
    if (socket === null) {
      // The client has disconnected.
      return;
    }
    const type = { "content-type": reply.headers.get("content-type") ?? "text/plain" };
    if (spoil === null || !reply.ok || spoil.after-- > 0 || spoil.times-- <= 0) {
      response.writeHead(reply.status, type).end(good);
      return;
    }
    spoil.affected += 1;
    const { how, coding, at, more } = spoil;
    const whole = coding === null ? good : CODINGS[coding](good);
    const [frame, pieces] = BREAKS[how].write(whole, whole.subarray(0, at(whole)), more);
    const head = { ...type, ...(coding === null ? {} : { "content-encoding": coding }), ...frame };
    const lines = ["HTTP/1.1 200 OK", ...Object.entries(head).map(([name, value]) => `${name}: ${value}`), "", ""];
    socket.write(lines.join("\r\n"));
    pieces.forEach((piece) => socket.write(piece));
    if (BREAKS[how].resets) {
      // What was sent is to arrive: a reset throws away what is not read yet.
      setTimeout(() => socket.resetAndDestroy(), 3);
    } else {
      socket.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    spoil({ how, at, coding = null, more = 0, after = 0, times = 1 }) {
      spoil = { how, at, coding, more, after, times, affected: 0 };
      return spoil;
    },
    mend() {
      spoil = null;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
