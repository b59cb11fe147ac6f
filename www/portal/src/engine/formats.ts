/** Formats of descriptors that were added, and how a descriptor is told from a reply. */
import { DescriptorError, defineFormat, type UsageFormat } from "meterglot";
import type { Body, FormatRead } from "./protocol.js";

/** Bytes of a descriptor, at most: the engine takes no more. */
const LARGEST = 256 * 1024;

/** The first member of a descriptor that is not valid JSON. */
const BEGINS = /^[\s\uFEFF]*\{\s*("\$schema"\s*:\s*"[^"]*"\s*,\s*)?"descriptor"\s*:/;

/** By name, in the order in which they were added. */
const defined = new Map<string, UsageFormat>();

export const definedFormats = () => [...defined.values()];

/** The text of a descriptor, if that is what was added. */
export async function descriptorIn([body, ...others]: Body[]): Promise<string | null> {
  if (body === undefined || others.length > 0 || body.blob.size > LARGEST) {
    return null;
  }
  const head = await body.blob.slice(0, 1024).text();
  if (!/^[\s\uFEFF]*\{/.test(head)) {
    return null;
  }
  const text = await body.blob.text();
  return isDescriptor(text) ? text : null;
}

function isDescriptor(text: string): boolean {
  try {
    const value = JSON.parse(text) as { descriptor?: unknown };
    return Object.hasOwn(value, "descriptor") && typeof value.descriptor === "number";
  } catch {
    return BEGINS.test(text);
  }
}

/** Defines a format, in place of one of the same name. */
export function define(text: string): FormatRead {
  try {
    const format = defineFormat(text);
    defined.set(format.format, format);
    return { defined: { provider: format.provider, format: format.format, title: format.title }, problems: [] };
  } catch (error) {
    if (error instanceof DescriptorError) {
      return { defined: null, problems: error.problems };
    }
    throw error;
  }
}

export function forgetFormat(format: string): null {
  defined.delete(format);
  return null;
}
