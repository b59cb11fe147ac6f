import type { AggregateSpec } from "meterglot";
import type { UsageQuery } from "meterglot/sources";
import type { z } from "zod";
import { isBefore, type Time, timeIn } from "../time.js";
import { Problem } from "./problem.js";
import type { AggregateParameters, UsageParameters } from "./schemas.js";
import type { Limits, ConfiguredSource } from "./settings.js";

type Listing = z.output<typeof UsageParameters>;
type Aggregation = z.output<typeof AggregateParameters>;

const DAY_MS = 86_400_000;

/** The query for a source, without absent parameters. */
export function usageQuery({ bound }: ConfiguredSource, parameters: Listing, limits: Limits): UsageQuery {
  const { from, to, resolution, account, bucket, user, level, invoice, pageSize } = parameters;
  bound?.check(parameters);
  if (invoice === undefined) {
    checkPeriod(from, to, limits);
  } else {
    refuseBesideInvoice({ from, to, resolution });
  }
  // The source refuses parameters that exclude each other, with its own message.
  return present({ from, to, resolution, account, bucket, user, level, invoice, pageSize }) as object as UsageQuery;
}

function refuseBesideInvoice(fields: object): void {
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) {
      throw new Problem("invalid-option", `query parameter \`${field}\`: expected none beside \`invoice\`, which has a period of its own`);
    }
  }
}

function checkPeriod(from: string | undefined, to: string | undefined, limits: Limits): void {
  if (from === undefined || to === undefined) {
    throw new Problem("invalid-option", `query parameter \`${from === undefined ? "from" : "to"}\`: is missing`);
  }
  // The schema allows nothing else.
  const [start, end] = [timeIn(from) as Time, timeIn(to) as Time];
  if (!isBefore(start, end)) {
    throw new Problem("invalid-option", "query parameter `to`: expected a time after `from`");
  }
  if (end.ms - start.ms > limits.days * DAY_MS) {
    throw new Problem("invalid-option", `query parameter \`to\`: expected a period of at most ${limits.days} days`);
  }
}

export function aggregateSpec(parameters: Aggregation): AggregateSpec {
  const { by, window, timeZone, weekStart, reduce, split, derive, overlap, format, provider, metric, resource, region, units, fractionDigits } = parameters;
  const where = present({ format, provider, metric, resource, region });
  const filter = Object.keys(where).length > 0 ? { where } : {};
  return present({ by, window, timeZone, weekStart, reduce, split, derive, overlap, units, fractionDigits, ...filter }) as AggregateSpec;
}

/** Whether the providers will no longer change the usage of the period. */
export function isClosed({ to }: UsageQuery, limits: Limits, now: Date): boolean {
  const end = typeof to === "string" ? timeIn(to) : null;
  return end !== null && end.ms <= now.getTime() - limits.settleSeconds * 1000;
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}
