// Wasabi daily rows by bucket and month, as JavaScript would do it: sums of what happened, means of what was stored.
// Every row is a whole day, so a plain mean is the mean over time.
import { Decimal } from "decimal.js";
import { parse as parseLossless } from "lossless-json";
import { WASABI_METRICS } from "../metrics.mjs";

const decoder = new TextDecoder();

/** Records first, one a metric, then a Map of sums: clear, general code. */
export function idiomatic(body) {
  const records = [];
  for (const row of JSON.parse(decoder.decode(body))) {
    const resource = String(row.BucketNum);
    const start = new Date(row.StartTime);
    const end = new Date(row.EndTime);
    for (const { field, metric, kind, unit } of WASABI_METRICS) {
      records.push({ provider: "wasabi", resource, metric, kind, unit, quantity: row[field], start, end });
    }
  }
  const groups = new Map();
  for (const { resource, metric, kind, quantity, start } of records) {
    const month = `${start.getUTCFullYear()}-${String(start.getUTCMonth() + 1).padStart(2, "0")}`;
    const key = `${resource}|${metric}|${month}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { resource, month, metric, kind, sum: quantity, count: 1 });
    } else {
      group.sum += quantity;
      group.count += 1;
    }
  }
  return Array.from(groups.values(), ({ resource, month, metric, kind, sum, count }) => ({
    resource,
    month,
    metric,
    quantity: kind === "gauge" ? sum / count : sum,
  }));
}

class BucketMonth {
  constructor(bucket, month) {
    this.bucket = bucket;
    this.month = month;
    this.days = 0;
    this.NumBillableObjects = 0;
    this.NumBillableDeletedObjects = 0;
    this.RawStorageSizeBytes = 0;
    this.PaddedStorageSizeBytes = 0;
    this.MetadataStorageSizeBytes = 0;
    this.DeletedStorageSizeBytes = 0;
    this.OrphanedStorageSizeBytes = 0;
    this.NumAPICalls = 0;
    this.UploadBytes = 0;
    this.DownloadBytes = 0;
    this.StorageWroteBytes = 0;
    this.StorageReadBytes = 0;
    this.NumGETCalls = 0;
    this.NumPUTCalls = 0;
    this.NumDELETECalls = 0;
    this.NumLISTCalls = 0;
    this.NumHEADCalls = 0;
    this.DeleteBytes = 0;
  }
}

/** The month of a timestamp as a number, from its digits: no Date, no substring. */
function monthNumber(timestamp) {
  const digit = (at) => timestamp.charCodeAt(at) - 48;
  return (digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3)) * 12 + digit(5) * 10 + digit(6) - 1;
}

/** One loop, every field by name, sums in place: as tight as it gets by hand, and good for this one question. */
export function tight(body) {
  const buckets = new Map();
  const all = [];
  for (const row of JSON.parse(decoder.decode(body))) {
    let months = buckets.get(row.BucketNum);
    if (months === undefined) {
      months = new Map();
      buckets.set(row.BucketNum, months);
    }
    const month = monthNumber(row.StartTime);
    let sums = months.get(month);
    if (sums === undefined) {
      sums = new BucketMonth(row.BucketNum, month);
      months.set(month, sums);
      all.push(sums);
    }
    sums.days += 1;
    sums.NumBillableObjects += row.NumBillableObjects;
    sums.NumBillableDeletedObjects += row.NumBillableDeletedObjects;
    sums.RawStorageSizeBytes += row.RawStorageSizeBytes;
    sums.PaddedStorageSizeBytes += row.PaddedStorageSizeBytes;
    sums.MetadataStorageSizeBytes += row.MetadataStorageSizeBytes;
    sums.DeletedStorageSizeBytes += row.DeletedStorageSizeBytes;
    sums.OrphanedStorageSizeBytes += row.OrphanedStorageSizeBytes;
    sums.NumAPICalls += row.NumAPICalls;
    sums.UploadBytes += row.UploadBytes;
    sums.DownloadBytes += row.DownloadBytes;
    sums.StorageWroteBytes += row.StorageWroteBytes;
    sums.StorageReadBytes += row.StorageReadBytes;
    sums.NumGETCalls += row.NumGETCalls;
    sums.NumPUTCalls += row.NumPUTCalls;
    sums.NumDELETECalls += row.NumDELETECalls;
    sums.NumLISTCalls += row.NumLISTCalls;
    sums.NumHEADCalls += row.NumHEADCalls;
    sums.DeleteBytes += row.DeleteBytes;
  }
  for (const sums of all) {
    sums.NumBillableObjects /= sums.days;
    sums.NumBillableDeletedObjects /= sums.days;
    sums.RawStorageSizeBytes /= sums.days;
    sums.PaddedStorageSizeBytes /= sums.days;
    sums.MetadataStorageSizeBytes /= sums.days;
    sums.DeletedStorageSizeBytes /= sums.days;
    sums.OrphanedStorageSizeBytes /= sums.days;
  }
  return all;
}

/** The tight answer in the form of the others, for comparing. */
export function tightRows(all) {
  return all.flatMap((sums) =>
    WASABI_METRICS.map(({ field, metric }) => ({
      resource: String(sums.bucket),
      month: `${Math.floor(sums.month / 12)}-${String((sums.month % 12) + 1).padStart(2, "0")}`,
      metric,
      quantity: sums[field],
    })),
  );
}

const Exact = Decimal.clone({ precision: 100, rounding: Decimal.ROUND_HALF_EVEN, toExpPos: 1000, toExpNeg: -1000 });

/** Exact as we are: numbers kept as they were written, sums in decimals. Quantities come out as text. */
export function exact(body) {
  const groups = new Map();
  for (const row of parseLossless(decoder.decode(body), undefined, (digits) => digits)) {
    const month = row.StartTime.slice(0, 7);
    for (const { field, metric, kind } of WASABI_METRICS) {
      const key = `${row.BucketNum}|${metric}|${month}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = { resource: row.BucketNum, month, metric, kind, sum: new Exact(0), count: 0 };
        groups.set(key, group);
      }
      group.sum = group.sum.plus(row[field]);
      group.count += 1;
    }
  }
  return Array.from(groups.values(), ({ resource, month, metric, kind, sum, count }) => ({
    resource,
    month,
    metric,
    quantity: (kind === "gauge" ? sum.div(count).toDecimalPlaces(20) : sum).toString(),
  }));
}
