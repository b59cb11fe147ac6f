import { MeterglotError } from "meterglot";
import { openSource, type Source, SourceError } from "meterglot/sources";
import { z } from "zod";
import type { Bindings } from "./context.js";
import { Gate } from "./gate.js";

/** What the environment's bindings say, checked once. docs/EDGE.md is its manual. */
export interface Settings {
  outlets: ReadonlyMap<string, Outlet>;
  tokens: readonly TokenSettings[];
  jwt: JwtSettings | undefined;
  corsOrigins: ReadonlySet<string>;
  limits: Limits;
}

/** A source by the name that callers know it by. */
export interface Outlet {
  name: string;
  source: Source;
  /** Through it goes who wants the source to send requests. */
  gate: Gate;
  /** The whole configuration, credentials included: what a kept answer depends on. Only a digest of it ever leaves. */
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

/** The bindings are not as they must be. `faults` names each, and shows no value. */
export class Misconfigured extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super("the worker's bindings are not as they must be");
    this.faults = faults;
  }
}

const count = (fallback: number) => z.int().min(1).max(Number.MAX_SAFE_INTEGER).default(fallback);
const seconds = (fallback: number) => z.number().min(0).max(10 * 365 * 86_400).default(fallback);

const limits = z
  .strictObject({
    /** Bytes of a body that is sent to /v1/normalize. */
    bodyBytes: count(32 * 1024 * 1024),
    /** Days that one query may span. */
    days: count(1100),
    /** Listings that are read from one source at a time, in this isolate. */
    upstream: count(4),
    /** Callers that may wait for one of these places. */
    waiting: count(64),
    waitSeconds: seconds(20),
    /** A period that ended this long ago is closed: providers have calculated it, and restate it no more. */
    settleSeconds: seconds(3 * 86_400),
    /** How long the answer of a closed period is kept. */
    cacheSeconds: seconds(86_400),
    /** A larger answer is not kept. */
    cacheBytes: count(4 * 1024 * 1024),
  })
  .prefault({});

export type Limits = z.output<typeof limits>;

const sourceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "expected a name of a-z, 0-9 and -");

const SECRET_FIELD = /secret|password|passphrase|token$|apikey|sessionid/i;

const sources = z.record(
  sourceName,
  z
    .object({ provider: z.enum(["barracuda", "devicewise", "cloudsigma", "wasabi", "onapp"]), baseUrl: z.url().optional() })
    .catchall(z.json())
    .superRefine((fields, context) => {
      for (const field of Object.keys(fields).filter((name) => SECRET_FIELD.test(name))) {
        context.addIssue({ code: "custom", path: [field], message: "belongs in the source's METERGLOT_SECRET_ binding" });
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

const httpsUrl = z.url().refine((url) => /^https:|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])[:/]/.test(url), "expected a URL of https:");

const corsOrigins = z
  .preprocess(
    (value) => (typeof value === "string" ? value.split(/[\s,]+/).filter((origin) => origin !== "") : value),
    z.array(z.url().refine((url) => URL.canParse(url) && new URL(url).origin === url, "expected an origin, such as https://portal.example")),
  )
  .default([]);

const secret = z.record(z.string(), z.json());

let lastRead: { bindings: Bindings; open: OpenSource; settings: Settings } | undefined;

/** The settings of an environment; read once, for a runtime gives each request of an isolate the same. */
export function settingsOf(bindings: Bindings, open: OpenSource): Settings {
  if (lastRead === undefined || lastRead.bindings !== bindings || lastRead.open !== open) {
    lastRead = { bindings, open, settings: read(bindings, open) };
  }
  return lastRead.settings;
}

function read(bindings: Bindings, open: OpenSource): Settings {
  const reader = new BindingReader(bindings);
  const named = reader.json("METERGLOT_SOURCES", sources) ?? {};
  const checkedLimits = reader.json("METERGLOT_LIMITS", limits) ?? limits.parse({});
  const settings: Settings = {
    outlets: new Map(),
    tokens: tokensOf(reader.json("METERGLOT_TOKENS", tokens) ?? {}),
    jwt: jwtOf(reader),
    corsOrigins: new Set(reader.listed("METERGLOT_CORS", corsOrigins) ?? []),
    limits: checkedLimits,
  };
  const outlets = new Map<string, Outlet>();
  for (const [name, parameters] of Object.entries(named)) {
    const outlet = outletOf(name, parameters, reader, checkedLimits, open);
    if (outlet !== undefined) {
      outlets.set(name, outlet);
    }
  }
  reader.refuseSecretsOfNoSource(Object.keys(named));
  if (reader.faults.length === 0 && settings.tokens.length === 0 && settings.jwt === undefined) {
    reader.faults.push("METERGLOT_TOKENS: expected tokens here, or METERGLOT_JWKS_URL with its issuer and audience: nobody could ask");
  }
  if (reader.faults.length > 0) {
    throw new Misconfigured(reader.faults);
  }
  return { ...settings, outlets };
}

type SourceFields = z.output<typeof sources>[string];

function outletOf(
  name: string,
  { provider, ...parameters }: SourceFields,
  reader: BindingReader,
  limits: Limits,
  open: OpenSource,
): Outlet | undefined {
  const binding = secretBinding(name);
  const credentials = reader.json(binding, secret.default({})) ?? {};
  try {
    const config = { ...parameters, ...credentials };
    const source = open(provider, config as never);
    const { upstream: places, waiting, waitSeconds } = limits;
    const gate = new Gate({ places, waiting, waitMs: waitSeconds * 1000 });
    return { name, source, gate, configuration: JSON.stringify([provider, config]) };
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof MeterglotError)) {
      throw error;
    }
    // What was found is left out: it may be a secret in the wrong place.
    reader.faults.push(`METERGLOT_SOURCES.${name}, with ${binding}: ${error.message.replace(/, found .*$/s, "")}`);
    return undefined;
  }
}

/** `acme-eu` has its credentials in METERGLOT_SECRET_ACME_EU. */
function secretBinding(source: string): string {
  return `METERGLOT_SECRET_${source.toUpperCase().replaceAll("-", "_")}`;
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

/** Reads bindings one by one, and collects what is wrong with them. */
class BindingReader {
  readonly faults: string[] = [];
  readonly #bindings: Bindings;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  isAbsent(name: string): boolean {
    return this.#bindings[name] === undefined || this.#bindings[name] === "";
  }

  /** A binding of JSON: as text, or as the value that wrangler.jsonc holds. */
  json<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    let value = this.isAbsent(name) ? undefined : this.#bindings[name];
    if (typeof value === "string") {
      try {
        value = JSON.parse(value);
      } catch {
        // The parser's own message shows what it read.
        this.faults.push(`${name}: is not JSON`);
        return undefined;
      }
    }
    return this.#check(name, schema, value);
  }

  text<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    return this.#check(name, schema, this.isAbsent(name) ? undefined : this.#bindings[name]);
  }

  /** A list: as JSON, or as words parted by commas or spaces. */
  listed<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined {
    const value = this.#bindings[name];
    return typeof value === "string" && !value.trimStart().startsWith("[") ? this.text(name, schema) : this.json(name, schema);
  }

  refuseSecretsOfNoSource(names: readonly string[]): void {
    const expected = new Set(names.map(secretBinding));
    for (const name of Object.keys(this.#bindings)) {
      if (name.startsWith("METERGLOT_SECRET_") && !expected.has(name)) {
        this.faults.push(`${name}: METERGLOT_SOURCES has no source of this name`);
      }
    }
  }

  #check<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> | undefined {
    const { success, data, error } = schema.safeParse(value);
    if (success) {
      return data;
    }
    for (const issue of error.issues) {
      const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
      this.faults.push(`${name}${placeOf(name, issue.path, value)}: ${message}`);
    }
    return undefined;
  }
}

/** The path to a fault. A token's digest is told by its position: what stands in its place may be the token itself. */
function placeOf(name: string, path: readonly PropertyKey[], value: unknown): string {
  return path.map((step, depth) => (name === "METERGLOT_TOKENS" && depth === 0 ? `[${Object.keys(value as object).indexOf(String(step))}]` : `.${String(step)}`)).join("");
}
