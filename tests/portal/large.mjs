// Files too large, or too many, to be kept here: made as they are needed.
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Days of buckets as Wasabi tells them, as long as is asked for, never held as a whole. */
function* wasabiRows(bytes) {
  let written = 0;
  let first = true;
  for (let row = 0; written < bytes; row++) {
    const day = Date.UTC(2020, 0, 1) + Math.floor(row / 200) * 86_400_000;
    const bucket = 18_000 + (row % 200);
    const iso = (time) => new Date(time).toISOString().replace(".000Z", "Z");
    const text = `${first ? "[" : ","}\n${JSON.stringify({
      BucketUtilizationNum: row,
      AcctNum: 7363,
      AcctPlanNum: 0,
      BucketNum: bucket,
      StartTime: iso(day),
      EndTime: iso(day + 86_400_000),
      CreateTime: iso(day + 121_253_000),
      NumBillableObjects: row % 977,
      NumBillableDeletedObjects: 0,
      RawStorageSizeBytes: 1_073_741_824 + row,
      PaddedStorageSizeBytes: 1_073_741_824,
      MetadataStorageSizeBytes: 48,
      DeletedStorageSizeBytes: 0,
      OrphanedStorageSizeBytes: 0,
      NumAPICalls: row % 100,
      UploadBytes: 639_151_673,
      DownloadBytes: 72_016,
      StorageWroteBytes: 636_826_739,
      StorageReadBytes: 0,
      NumGETCalls: 0,
      NumPUTCalls: 0,
      NumDELETECalls: 0,
      NumLISTCalls: 0,
      NumHEADCalls: 0,
      DeleteBytes: 0,
      Bucket: `bucket-${bucket}`,
      Region: "us-east-1",
    })}`;
    first = false;
    written += text.length;
    yield text;
  }
  yield "\n]\n";
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "meterglot-portal-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes a file of so many bytes or little more, and removes it when the work is done. */
export const withFile = (bytes, work) =>
  inFolder(async (folder) => {
    const file = join(folder, "wasabi.json");
    await pipeline(Readable.from(wasabiRows(bytes)), createWriteStream(file));
    await work(file);
  });

/** Makes a file a day, each of fifty buckets, and removes them when the work is done. */
export const withDays = (many, work) =>
  inFolder((folder) =>
    work(
      Array.from({ length: many }, (_, day) => {
        const at = (more) => new Date(Date.UTC(2020, 0, 1 + day + more)).toISOString().replace(".000Z", "Z");
        const row = (_, bucket) => ({
          AcctNum: 1,
          BucketNum: bucket,
          StartTime: at(0),
          EndTime: at(1),
          RawStorageSizeBytes: 1000 + day,
          NumAPICalls: bucket,
          Bucket: `b${bucket}`,
          Region: "r",
        });
        const file = join(folder, `day-${day}.json`);
        writeFileSync(file, JSON.stringify(Array.from({ length: 50 }, row)));
        return file;
      }),
    ),
  );
