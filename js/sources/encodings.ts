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

/** Readings of a text: every order of three kinds of escapes, three deep. */
const MOST = 40;

/** The bytes of a text, one a character: as written, and with escapes decoded, nested ones too. */
export function* readings(text: string): Generator<string, void, void> {
  // The loop also visits what is added to the set meanwhile, and equal readings only once.
  const found = new Set([bytesIn(text)]);
  for (const reading of found) {
    yield reading;
    // Each kind by itself: the characters of one kind of escape may be part of a text that another kind encodes.
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
