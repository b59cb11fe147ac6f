/** A text as bytes, one a character: as it is written, or with escapes undone. */
export interface Reading {
  bytes: string;
  /** Where in the text each byte begins, and last where the text ends. */
  starts: number[];
}

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

/** Escapes within escapes are undone so many times, and so many ways of undoing them are tried. */
const DEEPEST = 3;
const MOST = 40;

/** A text in every way it can be read. */
export function* readings(text: string): Generator<Reading, void, void> {
  let level = [written(text)];
  const seen = new Set<string>();
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    const next: Reading[] = [];
    for (const reading of level) {
      if (seen.has(reading.bytes) || seen.size === MOST) {
        continue;
      }
      seen.add(reading.bytes);
      yield reading;
      // Each kind by itself: what looks like an escape of one kind may be a part of what another one hides.
      next.push(...ESCAPES.filter(([form]) => reading.bytes.search(form) >= 0).map((kind) => undone(reading, kind)));
    }
    level = next;
  }
}

/** A text's bytes in UTF-8, one a character. */
export function bytesIn(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function written(text: string): Reading {
  const starts: number[] = [];
  let bytes = "";
  let at = 0;
  for (const character of text) {
    const more = character < "\x80" ? character : bytesIn(character);
    bytes += more;
    for (let i = 0; i < more.length; i += 1) {
      starts.push(at);
    }
    at += character.length;
  }
  return { bytes, starts: [...starts, text.length] };
}

function undone({ bytes, starts }: Reading, [form, meaning]: Escape): Reading {
  const read: Reading = { bytes: "", starts: [] };
  const keep = (from: number, to: number) => {
    read.bytes += bytes.slice(from, to);
    starts.slice(from, to).forEach((start) => read.starts.push(start));
  };
  let at = 0;
  for (const match of bytes.matchAll(form)) {
    const [whole, what] = match as [string, string] & RegExpMatchArray;
    keep(at, match.index);
    const more = meaning(whole, what);
    read.bytes += more;
    for (let i = 0; i < more.length; i += 1) {
      read.starts.push(starts[match.index] as number);
    }
    at = match.index + whole.length;
  }
  keep(at, bytes.length);
  read.starts.push(starts.at(-1) as number);
  return read;
}

function codesIn(sequence: string): number[] {
  return (sequence.match(/[\da-f]{4,6}|[\da-f]+(?=\})/gi) ?? []).map((hex) => Number.parseInt(hex, 16));
}

/** The bytes of UTF-16 code units or of a code point. */
function bytesOf(...codes: number[]): string {
  const [code = 0] = codes;
  return code > 0x10ffff ? "?" : bytesIn(codes.length > 1 ? String.fromCharCode(...codes) : String.fromCodePoint(code));
}
