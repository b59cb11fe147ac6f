import type { Body, Detection, NormalizeOptions, ParsedDocument, ProviderRequest, ReadOptions, RequestContext, UsageTable } from "./api.js";
import { beginningOf, bytesOf } from "./body.js";
import { call } from "./engine.js";
import { invalidOption } from "./errors.js";
import { type DetectOptions, detectOptions, nextRequestOptions, normalizeOptions, readOptions } from "./options.js";
import { Table } from "./table.js";
import { shown } from "./validate.js";

export { Aggregator, aggregate } from "./aggregate.js";
export { init, initSync } from "./engine.js";
export { MeterglotError } from "./errors.js";
export { builtInFormat, checkFormat, DescriptorError, defineFormat } from "./formats.js";
export { Listing } from "./listing.js";
export { normalizeStream } from "./stream.js";
export { version } from "./version.js";

export function detect(body: Body, options?: DetectOptions): Detection | null {
  const bytes = beginningOf(body);
  const json = detectOptions(options);
  const detection = call((engine) => engine.detect(bytes, json));
  return detection === undefined ? null : (JSON.parse(detection) as Detection);
}

export function parse(body: Body, options?: ReadOptions): ParsedDocument {
  const bytes = bytesOf(body);
  const json = readOptions(options);
  return call((engine) => engine.parse(bytes, json)) as ParsedDocument;
}

export function normalize(body: Body | Body[], options?: NormalizeOptions): UsageTable {
  const pages = Array.isArray(body) ? body.map((page, index) => bytesOf(page, `body[${index}]`)) : [bytesOf(body)];
  const json = normalizeOptions(options);
  return new Table(call((engine) => engine.normalize(pages, json)));
}

export function nextRequest(body: Body, options: ReadOptions & { request: RequestContext }): ProviderRequest | null {
  const bytes = bytesOf(body);
  const json = nextRequestOptions(options);
  const request = call((engine) => engine.nextRequest(bytes, json));
  return request === undefined ? null : (JSON.parse(request) as ProviderRequest);
}

export function convert(quantity: string, from: string, to: string, fractionDigits?: number): string {
  for (const [name, value] of Object.entries({ quantity, from, to })) {
    if (typeof value !== "string") {
      throw invalidOption(`convert: expected a string for \`${name}\`, found ${shown(value)}`);
    }
  }
  if (fractionDigits !== undefined && !(Number.isSafeInteger(fractionDigits) && fractionDigits >= 0 && fractionDigits <= 256)) {
    throw invalidOption(`convert: expected a whole number up to 256 for \`fractionDigits\`, found ${shown(fractionDigits)}`);
  }
  return call((engine) => engine.convert(quantity, from, to, fractionDigits));
}
