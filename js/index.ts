import type { Body, Detection, Explanation, NormalizeOptions, ParsedDocument, ProviderRequest, ReadOptions, RequestContext, UsageTable } from "./api.js";
import { beginningOf, bytesOf } from "./body.js";
import { call } from "./engine.js";
import { optionsText } from "./options.js";
import { Table } from "./table.js";
import { refuse, text } from "./validate.js";

export { Aggregator, aggregate } from "./aggregate.js";
export { init, initSync } from "./engine.js";
export { MeterglotError } from "./errors.js";
export { builtInFormat, checkFormat, DescriptorError, defineFormat } from "./formats.js";
export { Listing } from "./listing.js";
export { normalizeStream } from "./stream.js";
export { version } from "./version.js";

export function detect(body: Body, options?: Pick<ReadOptions, "contentType" | "request" | "format" | "formats">): Detection | null {
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

export function explain(body: Body, options?: ReadOptions): Explanation {
  const bytes = bytesOf(body);
  const json = optionsText(options);
  return JSON.parse(call((engine) => engine.explain(bytes, json))) as Explanation;
}

export function convert(quantity: string, from: string, to: string, fractionDigits?: number): string {
  // Passed as they are: as JSON, which the engine would check, one conversion takes four times as long.
  for (const [name, value] of [
    ["quantity", quantity],
    ["from", from],
    ["to", to],
  ] as const) {
    text(value, name);
  }
  if (fractionDigits !== undefined && !(Number.isInteger(fractionDigits) && fractionDigits >= 0 && fractionDigits <= 256)) {
    refuse("fractionDigits", "a whole number from 0 to 256", fractionDigits);
  }
  return call((engine) => engine.convert(quantity, from, to, fractionDigits));
}
