import type { Body, Detection, NormalizeOptions, ParsedDocument, ProviderRequest, ReadOptions, RequestContext, UsageTable } from "./api.js";
import { beginningOf, bytesOf } from "./body.js";
import { call } from "./engine.js";
import { optionsText } from "./options.js";
import { Table } from "./table.js";

export { Aggregator, aggregate } from "./aggregate.js";
export { init, initSync } from "./engine.js";
export { MeterglotError } from "./errors.js";
export { Listing } from "./listing.js";
export { normalizeStream } from "./stream.js";
export { version } from "./version.js";

export function detect(body: Body, options?: Pick<ReadOptions, "contentType" | "request">): Detection | null {
  const bytes = beginningOf(body);
  const json = optionsText(options);
  const detection = call((engine) => engine.detect(bytes, json));
  return detection === undefined ? null : (JSON.parse(detection) as Detection);
}

export function parse(body: Body, options?: ReadOptions): ParsedDocument {
  const bytes = bytesOf(body);
  const json = optionsText(options);
  return call((engine) => engine.parse(bytes, json)) as ParsedDocument;
}

export function normalize(body: Body | Body[], options?: NormalizeOptions): UsageTable {
  const pages = Array.isArray(body) ? body.map((page, index) => bytesOf(page, `body[${index}]`)) : [bytesOf(body)];
  const json = optionsText(options);
  return new Table(call((engine) => engine.normalize(pages, json)));
}

export function nextRequest(body: Body, options: ReadOptions & { request: RequestContext }): ProviderRequest | null {
  const bytes = bytesOf(body);
  const json = optionsText(options);
  const request = call((engine) => engine.nextRequest(bytes, json));
  return request === undefined ? null : (JSON.parse(request) as ProviderRequest);
}

export function convert(quantity: string, from: string, to: string, fractionDigits?: number): string {
  const json = optionsText({ quantity, from, to, fractionDigits });
  return call((engine) => engine.convert(json));
}
