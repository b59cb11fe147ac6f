import type { Format, Kind, Note, Provider, UsageRecord } from "./api.js";
import { keepOne } from "./kept.js";
import { NOTES } from "./names.js";

/** The length of a text that is null. */
const NULL = 0xffff_ffff;
const ID_DIGITS = 32;
const HOLDS_QUANTITY = 1;
const HOLDS_COST = 2;

type Dimensions = Record<string, string>;

interface Subject {
  account: string | null;
  resourceId: string | null;
  resourceName: string | null;
  resourceType: string | null;
  region: string | null;
  currency: string | null;
  dimensions: Dimensions | null;
}

interface Field {
  provider: Provider;
  format: Format;
  metric: string;
  providerField: string;
  kind: Kind;
  unit: string | null;
  partOf: string | null;
  leaf: string;
  dimensions: Dimensions | null;
  notes: number;
  holds: number;
}

interface Period {
  start: string | null;
  end: string | null;
  utcOffset: string | null;
  notes: number;
}

// A byte order mark is a character of a name here.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Unpacks records that cross the FFI: numbers, and one text that is divided by their lengths. The layout is documented in the engine's
 * `output/packed.rs`. A record is created by one literal, so that all have the same hidden class.
 */
export function unpack(packed: Uint8Array): UsageRecord[] {
  return new Unpacking(packed).records();
}

class Unpacking {
  readonly #numbers: Uint32Array;
  readonly #text: string;
  /** The next position in each. */
  #number = 1;
  #character = 0;
  /** The values of the codes. */
  readonly #subjects: Subject[] = [];
  readonly #shapes: Field[][] = [];
  readonly #fields: Field[] = [];
  readonly #periods: Period[] = [];

  constructor(packed: Uint8Array) {
    this.#numbers = new Uint32Array(packed.buffer, packed.byteOffset, packed.length >> 2);
    this.#text = decoder.decode(packed.subarray(4 * this.#numbers[0]!));
  }

  records(): UsageRecord[] {
    const records = new Array<UsageRecord>(this.#next());
    for (let made = 0; made < records.length; ) {
      made = this.#row(records, made);
    }
    return records;
  }

  #next(): number {
    return this.#numbers[this.#number++]!;
  }

  /** Creates the records of one row and returns the new number of records. */
  #row(records: UsageRecord[], made: number): number {
    const subject = this.#coded(this.#subjects, this.#subject);
    const shape = this.#coded(this.#shapes, this.#shape);
    const period = this.#coded(this.#periods, this.#period);
    const page = this.#next();
    const place = this.#string();
    const first = this.#next();
    const end = this.#next();
    for (let slot = first; slot < end; slot++) {
      const field = shape[slot]!;
      const id = this.#text.slice(this.#character, (this.#character += ID_DIGITS));
      const quantity = (field.holds & HOLDS_QUANTITY) === 0 ? null : this.#nullable();
      const cost = (field.holds & HOLDS_COST) === 0 ? null : this.#nullable();
      records[made++] = {
        id,
        provider: field.provider,
        format: field.format,
        account: subject.account,
        resourceId: subject.resourceId,
        resourceName: subject.resourceName,
        resourceType: subject.resourceType,
        region: subject.region,
        metric: field.metric,
        providerField: field.providerField,
        dimensions: dimensionsOf(subject, field),
        kind: field.kind,
        quantity,
        unit: field.unit,
        cost,
        currency: (field.holds & HOLDS_COST) === 0 ? null : subject.currency,
        start: period.start,
        end: period.end,
        utcOffset: period.utcOffset,
        partOf: field.partOf,
        pointer: place + field.leaf,
        page,
        notes: notesOf(field.notes | period.notes),
      };
    }
    return made;
  }

  /** The value of a code. The definition of a new code follows it. */
  #coded<Entry>(known: Entry[], tell: (this: this) => Entry): Entry {
    const code = this.#next();
    if (code === known.length) {
      known.push(tell.call(this));
    }
    return known[code]!;
  }

  #subject(): Subject {
    return {
      account: this.#nullable(),
      resourceId: this.#nullable(),
      resourceName: this.#nullable(),
      resourceType: this.#nullable(),
      region: this.#nullable(),
      currency: this.#nullable(),
      dimensions: this.#dimensions(),
    };
  }

  #shape(): Field[] {
    const fields: Field[] = [];
    for (let left = this.#next(); left > 0; left--) {
      fields.push(this.#coded(this.#fields, this.#field));
    }
    return fields;
  }

  #field(): Field {
    return {
      provider: this.#string() as Provider,
      format: this.#string() as Format,
      metric: this.#string(),
      providerField: this.#string(),
      kind: this.#string() as Kind,
      unit: this.#nullable(),
      partOf: this.#nullable(),
      leaf: this.#string(),
      dimensions: this.#dimensions(),
      notes: this.#next(),
      holds: this.#next(),
    };
  }

  #period(): Period {
    return { start: this.#nullable(), end: this.#nullable(), utcOffset: this.#nullable(), notes: this.#next() };
  }

  #dimensions(): Dimensions | null {
    const count = this.#next();
    return count === 0 ? null : Object.fromEntries(Array.from({ length: count }, () => [this.#string(), this.#string()]));
  }

  #string(): string {
    return this.#nullable() as string;
  }

  #nullable(): string | null {
    const length = this.#next();
    return length === NULL ? null : this.#text.slice(this.#character, (this.#character += length));
  }
}

/** One record of empty texts: resource key, shape with one field, period, position. */
const SIMPLEST = [33, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

const simplest = new Unpacking(new Uint8Array(Uint32Array.from(SIMPLEST).buffer));
keepOne("record", [simplest, simplest.records()]);

/** The dimensions of a record, sorted by name. Each record has its own object. */
function dimensionsOf(subject: Subject, field: Field): Dimensions {
  if (subject.dimensions === null || field.dimensions === null) {
    return { ...subject.dimensions, ...field.dimensions };
  }
  const all = Object.entries({ ...subject.dimensions, ...field.dimensions });
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function notesOf(bits: number): Note[] {
  return bits === 0 ? [] : NOTES.filter((_, note) => (bits & (1 << note)) !== 0);
}
