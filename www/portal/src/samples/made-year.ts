/** A year of generated daily usage of buckets: the documented samples have only a few rows. */

const DAYS = 366;
const DAY = 86_400_000;
const FIRST = Date.UTC(2024, 0, 1);
const BUCKETS = ["archive", "backup-db", "backup-mail", "media", "logs", "photos", "builds", "scratch"];
/** Days without data: of all buckets, and of one bucket. */
const OUTAGE = { from: 143, to: 149 };
const LATE = { bucket: 5, from: 0, to: 74 };

/** A small pseudorandom number generator with a seed, good enough for a sample. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x100000000;
  };
}

export function madeYear(): Blob {
  const rows: string[] = [];
  const roll = dice(2024);
  BUCKETS.forEach((bucket, number) => {
    let stored = Math.round(((0.4 + roll() * 2) * 2 ** 39) / (number + 1));
    for (let day = 0; day < DAYS; day++) {
      const weekday = new Date(FIRST + day * DAY).getUTCDay() % 6 !== 0;
      const upload = Math.round(stored * (weekday ? 0.012 : 0.003) * roll());
      const removed = Math.round(upload * (bucket === "scratch" ? 1.1 : 0.35) * roll() + (day % 91 === 90 ? stored * 0.18 : 0));
      stored = Math.max(stored + upload - removed, 2 ** 30);
      const missing = (day >= OUTAGE.from && day < OUTAGE.to) || (number === LATE.bucket && day >= LATE.from && day < LATE.to);
      if (!missing) {
        const puts = Math.round(upload / 2 ** 20);
        const gets = Math.round(puts * (1 + 3 * roll()));
        rows.push(
          JSON.stringify({
            BucketUtilizationNum: 5_000_000 + number * DAYS + day,
            AcctNum: 101430,
            AcctPlanNum: 0,
            BucketNum: 18_200 + number,
            StartTime: iso(FIRST + day * DAY),
            EndTime: iso(FIRST + (day + 1) * DAY),
            CreateTime: iso(FIRST + (day + 1) * DAY + 29_474_000),
            NumBillableObjects: Math.round(stored / 2 ** 23),
            RawStorageSizeBytes: stored,
            DeletedStorageSizeBytes: removed * 30,
            NumAPICalls: puts + gets + 24,
            NumGETCalls: gets,
            NumPUTCalls: puts,
            NumLISTCalls: 24,
            UploadBytes: upload,
            DownloadBytes: Math.round(upload * 2 * roll()),
            Bucket: bucket,
            Region: number % 3 === 0 ? "eu-central-1" : "us-east-1",
          }),
        );
      }
    }
  });
  return new Blob([`[\n${rows.join(",\n")}\n]\n`], { type: "application/json" });
}

const iso = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");
