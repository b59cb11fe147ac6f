// The same in every project: two days of one bucket, added up.
import { aggregate, init, normalize } from "meterglot";

export async function usage() {
  await init();
  const day = (start, end, bytes, calls) => ({
    AcctNum: 7363,
    BucketNum: 18232,
    Bucket: "jk",
    Region: "us-east-1",
    StartTime: start,
    EndTime: end,
    RawStorageSizeBytes: bytes,
    NumAPICalls: calls,
  });
  const table = normalize(
    JSON.stringify([day("2019-12-25T00:00:00Z", "2019-12-26T00:00:00Z", 1073741824, 78), day("2019-12-26T00:00:00Z", "2019-12-27T00:00:00Z", 3221225472, 88)]),
  );
  const rows = aggregate(table, { units: { "storage.stored": "GiBy" } });
  table.free();
  return rows.map(({ metric, reducer, quantity, unit }) => `${metric} ${reducer} ${quantity} ${unit}`).join("; ");
}
