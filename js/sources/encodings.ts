type Escape = [form: RegExp, meaning: (match: string, digits: string) => string];

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const LETTERS: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** How characters are encoded in URLs and forms, in JSON (and in messages that quote as Rust does), in XML and HTML. */
const ESCAPES: Escape[] = [
  [/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))],
  [
    /\\(u\{[\da-f]{1,6}\}|ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|u[\da-f]{4}|[^u])/gi,
    (_, what) => (/^u/i.test(what) ? bytesOf(...codesIn(what)) : (LETTERS[what] ?? what)),
  ],
  [
    /&(#0*\d{1,7}|#x0*[\da-f]{1,6}|amp|lt|gt|quot|apos);/gi,
    (match, what) => NAMED[what.toLowerCase()] ?? (what.startsWith("#") ? bytesOf(Number(what.slice(1).replace(/^x/i, "0x"))) : match),
  ],
];

/** In so many ways a text is read: every order of three kinds of escapes, three deep. */
const MOST = 40;

/** A text's bytes, one a character, in every way they can be read: as they are written, and with escapes undone, one within another. */
export function* readings(text: string): Generator<string, void, void> {
  // A set that grows while it is read: what is read already is not read again.
  const found = new Set([bytesIn(text)]);
  for (const reading of found) {
    yield reading;
    // Each kind by itself: what looks like an escape of one kind may be a part of what another one hides.
    for (const [form, meaning] of ESCAPES) {
      if (found.size < MOST) {
        found.add(reading.replace(form, meaning));
      }
    }
  }
}

/** A text's bytes in UTF-8, one a character. */
export function bytesIn(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function codesIn(sequence: string): number[] {
  return (sequence.match(/[\da-f]{4,6}|[\da-f]+(?=\})/gi) ?? []).map((hex) => Number.parseInt(hex, 16));
}

/** The bytes of UTF-16 code units or of a code point. */
function bytesOf(...codes: number[]): string {
  const [code = 0] = codes;
  return code > 0x10ffff ? "?" : bytesIn(codes.length > 1 ? String.fromCharCode(...codes) : String.fromCodePoint(code));
}
