import type { DescriptorProblem, Format, FormatDescriptor, UsageFormat as PublicFormat } from "./api.js";
import { call } from "./engine.js";
import { invalidOption, MeterglotError, named } from "./errors.js";
import { shown } from "./validate.js";

/** A descriptor that was refused. */
export class DescriptorError extends MeterglotError {
  declare readonly code: "invalid-option";
  readonly problems: DescriptorProblem[];

  constructor(problems: DescriptorProblem[]) {
    const { pointer, message, line, column } = problems[0]!;
    super(pointer === "" ? message : `${pointer}: ${message}`, { code: "invalid-option", pointer, line, column });
    this.problems = problems;
  }
}

named(DescriptorError, "DescriptorError");

/** A format as the engine describes it; its descriptor is JSON text. */
type Definition = Omit<PublicFormat, "descriptor"> & { descriptor: string };

/** A compiled format. It holds text only: the engine reads it anew wherever it is used, also after a restart. */
class UsageFormat implements PublicFormat {
  readonly provider: string;
  readonly format: string;
  readonly title: string;
  readonly encodings: PublicFormat["encodings"];
  readonly descriptor: FormatDescriptor;
  readonly fingerprint: string;
  /** What the engine reads: the descriptor's JSON text, or the name of a built-in format. */
  readonly #source: string;

  constructor(source: string, definition: Definition) {
    this.provider = definition.provider;
    this.format = definition.format;
    this.title = definition.title;
    this.encodings = definition.encodings;
    this.descriptor = JSON.parse(definition.descriptor) as FormatDescriptor;
    this.fingerprint = definition.fingerprint;
    this.#source = source;
    freeze(this);
  }

  static sourceOf(format: unknown): string | undefined {
    return typeof format === "object" && format !== null && #source in format ? format.#source : undefined;
  }
}

/** What the engine reads a format from: the JSON text of a descriptor, or the name of a built-in format. Undefined for what is no handle. */
export const sourceOf = UsageFormat.sourceOf;

function freeze(value: object): void {
  Object.freeze(value);
  for (const below of Object.values(value)) {
    if (typeof below === "object" && below !== null) {
      freeze(below as object);
    }
  }
}

export function defineFormat(descriptor: FormatDescriptor | string): PublicFormat {
  const read = readDescriptor(descriptor);
  if ("problems" in read) {
    throw new DescriptorError(read.problems);
  }
  return new UsageFormat(read.source, read.definition);
}

export function checkFormat(descriptor: unknown): DescriptorProblem[] {
  const read = readDescriptor(descriptor);
  return "problems" in read ? read.problems : [];
}

export function builtInFormat(name: Format): PublicFormat {
  const definition = typeof name === "string" ? call((engine) => engine.builtInFormat(name)) : undefined;
  if (definition === undefined) {
    throw invalidOption(`builtInFormat: expected the name of a built-in format, found ${shown(name)}`);
  }
  return new UsageFormat(name, JSON.parse(definition) as Definition);
}

interface Problems {
  problems: DescriptorProblem[];
}

function readDescriptor(descriptor: unknown): { source: string; definition: Definition } | Problems {
  const text = textOf(descriptor);
  if (typeof text !== "string") {
    return text;
  }
  // Of a text that is too long enough is left to show it: a character is at least one byte.
  const source = text.slice(0, LARGEST + 1);
  const definition = JSON.parse(call((engine) => engine.defineFormat(source))) as Definition | Problems;
  if (!("problems" in definition)) {
    return { source, definition };
  }
  const isWritten = typeof descriptor === "string";
  return { problems: definition.problems.map((problem) => (isWritten ? problem : { ...problem, line: null, column: null })) };
}

/** Bytes of a descriptor's text, at most: the engine refuses a longer one. */
const LARGEST = 256 * 1024;
/** Levels below which a value is copied no further: the engine refuses it for its depth. */
const DEEPEST = 17;

/** A descriptor as JSON text, or why there is none. */
function textOf(descriptor: unknown): string | Problems {
  if (typeof descriptor === "string") {
    return descriptor;
  }
  const copy = new Copy();
  let value: unknown;
  try {
    value = copy.of(descriptor, "", 0);
  } catch (thrown) {
    if (thrown !== copy) {
      copy.problem("", "expected plain data, found an object that throws an error when it is read");
    }
  }
  return copy.problems.length > 0 ? { problems: copy.problems } : JSON.stringify(value);
}

/** Copies a caller's value as data that JSON can hold. Code of the value's own (getters, proxies) runs here, and never within a call of the engine. */
class Copy {
  readonly problems: DescriptorProblem[] = [];
  #values = 0;

  problem(pointer: string, message: string): void {
    this.problems.push({ pointer, message, line: null, column: null });
  }

  /** @throws this, once there is more than a descriptor can hold. */
  of(value: unknown, pointer: string, depth: number): unknown {
    this.#values += 1;
    if (this.#values > LARGEST / 2 || this.problems.length === 100) {
      if (this.problems.length === 0) {
        this.problem("", `expected at most ${LARGEST} bytes of JSON, found more`);
      }
      throw this;
    }
    if (value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
      return value;
    }
    if (typeof value !== "object") {
      this.problem(pointer, `expected a value that JSON can hold, found ${shown(value)}`);
      return null;
    }
    const isArray = Array.isArray(value);
    if (depth === DEEPEST) {
      return isArray ? [] : {};
    }
    if (isArray) {
      // An iterator of the caller's own might not end.
      return Array.from({ length: Math.min(value.length, LARGEST) }, (_, index) => this.of(value[index], `${pointer}/${index}`, depth + 1));
    }
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    const escaped = (name: string) => name.slice(0, 256).replaceAll("~", "~0").replaceAll("/", "~1");
    return Object.fromEntries(members.map(([name, member]) => [name, this.of(member, `${pointer}/${escaped(name)}`, depth + 1)]));
  }
}
