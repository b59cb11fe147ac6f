// Records as JavaScript would make them. An id is the key itself, not a hash of it: that is in JavaScript's favour.
import { WASABI_METRICS } from "../metrics.mjs";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const CHARACTERS_A_PIECE = 1 << 20;

/** JSON.parse, map, JSON.stringify: lines of records, in pieces, because no string holds them all. */
export function wasabiNdjson(body) {
  const pieces = [];
  let text = "";
  JSON.parse(decoder.decode(body)).forEach((row, index) => {
    for (const { field, metric, kind, unit, partOf } of WASABI_METRICS) {
      const record = {
        id: `wasabi|${row.AcctNum}|${row.BucketNum}|${row.Region}|${metric}|${row.StartTime}`,
        provider: "wasabi",
        format: "wasabi.bucket-daily",
        account: String(row.AcctNum),
        resourceId: String(row.BucketNum),
        resourceName: row.Bucket,
        resourceType: "bucket",
        region: row.Region,
        metric,
        providerField: field,
        dimensions: {},
        kind,
        quantity: String(row[field]),
        unit,
        cost: null,
        currency: null,
        start: row.StartTime,
        end: row.EndTime,
        utcOffset: "Z",
        partOf,
        pointer: `/${index}/${field}`,
        page: 0,
        notes: [],
      };
      text += `${JSON.stringify(record)}\n`;
    }
    if (text.length > CHARACTERS_A_PIECE) {
      pieces.push(encoder.encode(text));
      text = "";
    }
  });
  pieces.push(encoder.encode(text));
  return pieces;
}

/** JSON.parse and map: the thirty records of a Barracuda page. */
export function barracudaRecords(body) {
  const reply = JSON.parse(decoder.decode(body));
  const account = /\/partners\/([^/]+)\//.exec(reply.links[0].href)[1];
  return reply.list.map((row, index) => {
    const start = new Date(row.date).toISOString().replace(".000Z", "Z");
    return {
      id: `barracuda|${account}|storage.stored|${start}`,
      provider: "barracuda",
      format: "barracuda.usage-history",
      account,
      resourceId: account,
      resourceName: null,
      resourceType: "partner",
      region: null,
      metric: "storage.stored",
      providerField: "bytes",
      dimensions: {},
      kind: "gauge",
      quantity: String(row.bytes),
      unit: "By",
      cost: null,
      currency: null,
      start,
      end: null,
      utcOffset: row.date.slice(19),
      partOf: null,
      pointer: `/list/${index}/bytes`,
      page: 0,
      notes: [],
    };
  });
}
