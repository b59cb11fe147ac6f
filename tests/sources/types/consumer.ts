// A strict consumer: everything the sources offer, as their types let it be used.
import { aggregate, type Issue, type UsageFormat, type UsageRecord, type UsageTable } from "meterglot";
import {
  type BarracudaConfig,
  barracudaSource,
  cloudsigmaSource,
  devicewiseSource,
  type FetchOptions,
  type FormatSourceConfig,
  formatSource,
  onappSource,
  openSource,
  type Progress,
  type Source,
  type SourceConfigs,
  SourceError,
  type SourceErrorCode,
  type UsageQuery,
  wasabiSource,
} from "meterglot/sources";

export async function everything(env: { key: string; secret: string }, signal: AbortSignal): Promise<Response> {
  const config: BarracudaConfig = { clientId: "me", clientSecret: env.secret, partner: "acme", retry: { limit: 2 }, limits: { maxRecords: 10 } };
  const sources: Source[] = [
    barracudaSource(config),
    devicewiseSource({ username: "me", password: env.secret, dimension: "org" }),
    cloudsigmaSource({ location: "zrh", user: "me", password: env.secret, currency: "CHF", fetch: (request) => fetch(request) }),
    wasabiSource({ apiKey: env.key, fetch }),
    onappSource({ baseUrl: "https://cloud.example.com", login: "me", password: env.secret, user: "4", timeoutMs: 1000 }),
    openSource("wasabi", { apiKey: env.key }),
  ];
  const issues: Issue[] = [];
  const options: FetchOptions = { signal, onIssue: (issue) => issues.push(issue), onProgress: ({ pages, total }: Progress) => console.log(pages, total) };
  const month: UsageQuery = { from: new Date(0), to: "2024-01-01", resolution: "10d", pageSize: 30 };
  for (const source of sources) {
    for await (const record of source.records(month, options)) {
      console.log(record satisfies UsageRecord);
    }
    using table: UsageTable = await source.table({ invoice: "9826", bucket: "b" });
    console.log(aggregate(table), source.provider, source.origin);
  }
  return new Response((sources[0] as Source).stream(month, "csv", { signal }));
}

/** A provider that is known at run time only, as in a configuration file. */
export function open<Name extends keyof SourceConfigs>(name: Name, configs: SourceConfigs): Source {
  return openSource(name, configs[name]);
}

export function codeOf(error: unknown): [SourceErrorCode, number | null, string | null] | undefined {
  return error instanceof SourceError ? [error.code, error.retryAfter, error.missing] : undefined;
}

/** A listing in a user's format has no query: its URL is the query. */
export async function ofFormat(format: UsageFormat, signal: AbortSignal): Promise<Response> {
  const config: FormatSourceConfig = { format, request: { url: "https://api.acme.example/usage", headers: { Authorization: "Bearer t" } }, maxPages: 5 };
  for await (const record of formatSource({ ...config, request: "https://api.acme.example/usage" }).records({ signal })) {
    console.log(record satisfies UsageRecord);
  }
  using table: UsageTable = await formatSource(config).table({ onIssue: ({ code }) => console.log(code) });
  console.log(aggregate(table));
  return new Response(formatSource(config).stream("ndjson", { trailer: true }));
}

declare const source: Source;
// What the types must refuse.
// @ts-expect-error a period has an end
source.records({ from: "2024-01-01" });
// @ts-expect-error an invoice has a period of its own
source.records({ invoice: "1", from: "2024-01-01", to: "2024-02-01" });
// @ts-expect-error not a resolution
source.records({ from: "2024-01-01", to: "2024-02-01", resolution: "year" });
// @ts-expect-error not an output
source.stream({ from: "2024-01-01", to: "2024-02-01" }, "json");
// @ts-expect-error the key is needed
wasabiSource({});
// @ts-expect-error not an option
wasabiSource({ apiKey: "k", apikey: "k" });
// @ts-expect-error not a provider
openSource("aws", {});
// @ts-expect-error a name is no format
formatSource({ format: "wasabi.bucket-daily", request: "https://api.acme.example/usage" });
// @ts-expect-error the origin is that of the request
formatSource({ format: {} as UsageFormat, request: "https://api.acme.example/usage", baseUrl: "https://api.acme.example" });
