import { DescriptorError, defineFormat, type FormatDescriptor, MeterglotError, type UsageFormat } from "meterglot";
import { type openSource, type Source, SourceError } from "meterglot/sources";
import { z } from "zod";
import { PROVIDERS } from "../names.js";
import { BindingReader, type Bindings } from "./bindings.js";
import { Bound, isNamed } from "./bound.js";
import { Gate } from "./gate.js";

/** The content of the environment's bindings, checked once. docs/EDGE.md is the manual. */
export interface Settings {
  sources: ReadonlyMap<string, ConfiguredSource>;
  /** Formats of bodies that callers send, besides the built-in ones. */
  formats: readonly UsageFormat[];
  /** The gate for callers that send a body. */
  uploads: Gate;
  tokens: readonly TokenSettings[];
  jwt: JwtSettings | undefined;
  corsOrigins: ReadonlySet<string>;
  limits: Limits;
}

/** A source, by the name that callers use. */
export interface ConfiguredSource {
  name: string;
  source: Source;
  /** The accounts or users that may be queried; undefined for all that its credentials can read. */
  bound: Bound | undefined;
  /** The gate for callers that need requests to the provider. */
  gate: Gate;
  /** The whole configuration with credentials, on which a cached answer depends. Only a digest of it is used. */
  configuration: string;
}

export interface TokenSettings {
  /** SHA-256 of the token. */
  digest: Uint8Array;
  name: string | undefined;
  sources: readonly string[];
  /** Epoch milliseconds. */
  expires: number | undefined;
}

export interface JwtSettings {
  jwksUrl: string;
  issuer: string;
  audience: string;
}

/** Opens a source from its checked configuration. */
export type OpenSource = typeof openSource;

/** The bindings are not valid. `faults` names each, and shows no values. */
export class Misconfigured extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super("the worker's bindings are invalid");
    this.faults = faults;
  }
}

const count = (fallback: number) => z.int().min(1).max(Number.MAX_SAFE_INTEGER).default(fallback);
const seconds = (fallback: number) =>
  z
    .number()
    .min(0)
    .max(10 * 365 * 86_400)
    .default(fallback);

/** The longest delay of a timer, in milliseconds. */
const timeout = (fallback: number) => z.number().positive().max(86_400).default(fallback);

const limits = z
  .strictObject({
    /** Bytes of a body that is sent to /v1/normalize. */
    bodyBytes: count(32 * 1024 * 1024),
    /** Bytes of one row of it. A row is in memory as a whole, with its records, which are many times larger. */
    rowBytes: count(256 * 1024),
    /** Days of the period of one query. */
    days: count(1100),
    /** Listings that are read from one source at a time, in this isolate. */
    upstream: count(4),
    /** Callers that may wait for one of these places. */
    waiting: count(64),
    waitSeconds: seconds(20),
    /** Idle timeout: the longest pause of a reader of an answer, or of the sender of a body. */
    stallSeconds: timeout(60),
    /** Bodies that are normalized at a time, in this isolate. */
    uploads: count(4),
    /** The longest time for a body to arrive. */
    uploadSeconds: timeout(300),
    /** The most rows and records of an aggregation, which has both in memory. */
    groups: count(20_000),
    aggregatedRecords: count(2_000_000),
    /** A period that ended this long ago is closed: providers have calculated it and no longer restate it. */
    settleSeconds: seconds(3 * 86_400),
    /** How long the answer of a closed period is cached. */
    cacheSeconds: seconds(86_400),
    /** A larger answer is not cached. */
    cacheBytes: count(4 * 1024 * 1024),
  })
  .prefault({});

export type Limits = z.output<typeof limits>;

const sourceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "expected a name of a-z, 0-9 and -");

const SECRET = "METERGLOT_SECRET_";

const FORMAT = "METERGLOT_FORMAT_";

/** The engine takes no more formats in one call. */
const MOST_FORMATS = 64;

const IN_THE_CLEAR = "is not allowed: a worker sends credentials only over https:";

const SECRET_FIELD = /secret|password|passphrase|token$|apikey|accesskey|sessionid/i;

const sourcesSchema = z.record(
  sourceName,
  z
    .object({
      provider: z.enum(PROVIDERS),
      baseUrl: z.url().optional(),
      /** Accounts or users that may be queried besides the source's own. */
      accounts: z.union([z.literal("*"), z.array(z.string().min(1).max(256)).min(1)]).optional(),
    })
    .catchall(z.json())
    .superRefine((fields, context) => {
      for (const field of Object.keys(fields).filter((name) => SECRET_FIELD.test(name))) {
        context.addIssue({ code: "custom", path: [field], message: "belongs in the source's METERGLOT_SECRET_ binding" });
      }
      if (fields.accounts !== undefined && (!isNamed(fields.provider) || isOfStats(fields))) {
        context.addIssue({ code: "custom", path: ["accounts"], message: `is not known: ${fields.provider} has no other accounts to query` });
      }
      if ("allowInsecure" in fields) {
        context.addIssue({ code: "custom", path: ["allowInsecure"], message: IN_THE_CLEAR });
      }
    }),
);

const tokens = z
  .record(
    z.string().regex(/^[0-9a-fA-F]{64}$/, "expected the SHA-256 of a token in hexadecimal"),
    z.strictObject({
      sources: z.union([z.literal("*"), z.array(sourceName).min(1)]),
      name: z.string().min(1).max(64).optional(),
      expires: z.iso.datetime({ offset: true }).optional(),
    }),
  )
  .default({});

const httpsUrl = z.url().refine(isSafe, "expected a URL of https:, without credentials");

/** Whether the keys from this URL cannot be changed in transit. */
function isSafe(address: string): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { protocol, hostname, username, password } = new URL(address);
  const isThisHost = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return (protocol === "https:" || (protocol === "http:" && isThisHost)) && username === "" && password === "";
}

const corsOrigins = z
  .preprocess(
    (value) => (typeof value === "string" ? value.split(/[\s,]+/).filter((origin) => origin !== "") : value),
    z.array(z.url().refine((url) => URL.canParse(url) && new URL(url).origin === url, "expected an origin, such as https://portal.example")),
  )
  .default([]);

/** The largest reply: some 370,000 rows of Wasabi, which need 45 MB to detect duplicates. */
const MOST_A_SLICE = 256 * 1024 * 1024;

/** Pages of Wasabi's Stats API, of 100 rows each: nearly as many rows. */
const MOST_PAGES = 3000;

/** Whether a source uses Wasabi's Stats API, whose keys are those of one account. */
function isOfStats(fields: Readonly<Record<string, unknown>>): boolean {
  return fields.api === "stats";
}

/** A shorter secret cannot be distinguished from other words where a provider repeats it. */
const SHORTEST_SECRET = 8;

/** Only credentials: a person who sets a secret cannot change where or how it is sent. */
const secret = z.record(z.string(), z.json()).superRefine((fields, context) => {
  for (const [field, value] of Object.entries(fields)) {
    if (field === "allowInsecure") {
      context.addIssue({ code: "custom", path: [field], message: IN_THE_CLEAR });
    } else if (!SECRET_FIELD.test(field)) {
      context.addIssue({ code: "custom", path: [field], message: "is not a credential: it belongs in METERGLOT_SOURCES" });
    } else if (typeof value === "string" && value.length < SHORTEST_SECRET) {
      context.addIssue({ code: "custom", path: [field], message: `expected at least ${SHORTEST_SECRET} characters` });
    }
  }
});

const known = new WeakMap<OpenSource, WeakMap<Bindings, Settings>>();

/**
 * The settings of an environment, read once: a runtime passes each request of an isolate the same object. The gates are a part of them, so
 * an app that mounts the worker must pass the same object too.
 */
export function settingsOf(bindings: Bindings, open: OpenSource): Settings {
  const ofOpen = known.get(open) ?? new WeakMap<Bindings, Settings>();
  known.set(open, ofOpen);
  const settings = ofOpen.get(bindings) ?? read(bindings, open);
  ofOpen.set(bindings, settings);
  return settings;
}

function read(bindings: Bindings, open: OpenSource): Settings {
  const reader = new BindingReader(bindings);
  const named = reader.json("METERGLOT_SOURCES", sourcesSchema) ?? {};
  const checkedLimits = reader.json("METERGLOT_LIMITS", limits) ?? limits.parse({});
  const settings: Settings = {
    sources: new Map(),
    formats: formatsOf(reader),
    uploads: gateOf(checkedLimits.uploads, checkedLimits),
    tokens: tokensOf(reader.json("METERGLOT_TOKENS", tokens) ?? {}),
    jwt: jwtOf(reader),
    corsOrigins: new Set(reader.listed("METERGLOT_CORS", corsOrigins) ?? []),
    limits: checkedLimits,
  };
  const sources = new Map<string, ConfiguredSource>();
  for (const [name, parameters] of Object.entries(named)) {
    const configured = configuredSource(name, parameters, reader, checkedLimits, open);
    if (configured !== undefined) {
      sources.set(name, configured);
    }
  }
  reader.refuseOthers(SECRET, Object.keys(named).map(secretBinding), "METERGLOT_SOURCES has no source of this name");
  refuseStrangers(reader, settings.tokens, named);
  if (reader.faults.length === 0 && settings.tokens.length === 0 && settings.jwt === undefined) {
    reader.faults.push("METERGLOT_TOKENS: expected tokens, or METERGLOT_JWKS_URL with its issuer and audience, found neither");
  }
  if (reader.faults.length > 0) {
    throw new Misconfigured(reader.faults);
  }
  return { ...settings, sources };
}

/** A token for a source that does not exist is a misspelt name. */
function refuseStrangers(reader: BindingReader, tokens: readonly TokenSettings[], named: object): void {
  for (const [position, { sources }] of tokens.entries()) {
    for (const source of sources.filter((name) => name !== "*" && !Object.hasOwn(named, name))) {
      reader.faults.push(`METERGLOT_TOKENS[${position}].sources: METERGLOT_SOURCES has no ${source}`);
    }
  }
}

type SourceFields = z.output<typeof sourcesSchema>[string];

function configuredSource(
  name: string,
  { provider, accounts, ...parameters }: SourceFields,
  reader: BindingReader,
  limits: Limits,
  open: OpenSource,
): ConfiguredSource | undefined {
  const binding = secretBinding(name);
  const credentials = reader.json(binding, secret.default({}));
  if (credentials === undefined) {
    return undefined;
  }
  try {
    const config = { ...bounded(provider, parameters), ...credentials };
    const source = open(provider, config as never);
    const gate = gateOf(limits.upstream, limits);
    const bound = Bound.of(provider, parameters, accounts);
    return { name, source, bound, gate, configuration: JSON.stringify([provider, config]) };
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof MeterglotError)) {
      throw error;
    }
    reader.faults.push(`METERGLOT_SOURCES.${name}, with ${binding}: ${withoutValue(error.message)}`);
    return undefined;
  }
}

/**
 * A source's fields, with limits for the memory that detects duplicates, if the configuration sets none: by the number of records,
 * or, for sources that request slices of days, by the size of one reply or the number of pages.
 */
function bounded(provider: SourceFields["provider"], fields: Record<string, unknown>): object {
  const remembered = ["wasabi", "onapp"].includes(provider) ? { maxBytes: MOST_A_SLICE } : { maxRecords: 500_000 };
  const { limits = {} } = fields;
  const isObject = typeof limits === "object" && limits !== null && !Array.isArray(limits);
  // The source itself refuses a value that is not an object.
  return { ...(isOfStats(fields) ? { maxPages: MOST_PAGES } : {}), ...fields, limits: isObject ? { ...remembered, ...limits } : limits };
}

/** The formats whose descriptors are bindings: JSON text, or the value in wrangler.jsonc. */
function formatsOf(reader: BindingReader): UsageFormat[] {
  const formats = new Map<string, UsageFormat>();
  for (const [name, descriptor] of reader.prefixed(FORMAT)) {
    try {
      const format = defineFormat(descriptor as FormatDescriptor | string);
      if (formats.has(format.format)) {
        reader.faults.push(`${name}/format: another binding has a format of this name`);
      }
      formats.set(format.format, format);
    } catch (error) {
      if (!(error instanceof DescriptorError)) {
        throw error;
      }
      for (const { pointer, message, line, column } of error.problems) {
        const place = line === null ? "" : ` (line ${line}, column ${column})`;
        reader.faults.push(`${name}${pointer}${place}: ${withoutValue(message)}`);
      }
    }
  }
  if (formats.size > MOST_FORMATS) {
    reader.faults.push(`${FORMAT}…: expected at most ${MOST_FORMATS} formats, found ${formats.size}`);
  }
  return [...formats.values()];
}

/** A message without what was found: that may be a secret in the wrong place. */
function withoutValue(message: string): string {
  return message.replace(/, found .*$/s, "");
}

function gateOf(places: number, { waiting, waitSeconds }: Limits): Gate {
  return new Gate({ places, waiting, waitMs: waitSeconds * 1000 });
}

/** The binding for the credentials of a source: METERGLOT_SECRET_ACME_EU for `acme-eu`. */
function secretBinding(source: string): string {
  return `${SECRET}${source.toUpperCase().replaceAll("-", "_")}`;
}

function tokensOf(entries: z.output<typeof tokens>): TokenSettings[] {
  return Object.entries(entries).map(([hex, { name, sources, expires }]) => ({
    digest: Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)),
    name,
    sources: sources === "*" ? ["*"] : sources,
    expires: expires === undefined ? undefined : Date.parse(expires),
  }));
}

function jwtOf(reader: BindingReader): JwtSettings | undefined {
  const text = z.string().min(1);
  const names = ["METERGLOT_JWKS_URL", "METERGLOT_JWKS_ISSUER", "METERGLOT_JWKS_AUDIENCE"] as const;
  if (names.every((name) => reader.isAbsent(name))) {
    return undefined;
  }
  const [jwksUrl, issuer, audience] = [reader.text(names[0], httpsUrl), reader.text(names[1], text), reader.text(names[2], text)];
  return jwksUrl === undefined || issuer === undefined || audience === undefined ? undefined : { jwksUrl, issuer, audience };
}
