// Replies of any size in the very form the providers' pages show, from a seed.
import { randomOf } from "./random.mjs";

const SEED = 20240229;
const DAY = 86_400_000;
const HOUR = 3_600_000;
const BYTES_A_CHUNK = 64 * 1024;
const DAYS_A_BUCKET = 365;
const FIRST_DAY = Date.UTC(2023, 0, 1);

const second = (time) => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Wasabi's daily utilization of buckets: each day every bucket, a year long. Most days are quiet, as on the page. About 660 bytes a row. */
export function wasabiDaily(rows) {
  return Buffer.concat([...wasabiDailyChunks(rows)]);
}

/** The same body in chunks, made one at a time. */
export function* wasabiDailyChunks(rows) {
  const random = randomOf(SEED);
  const buckets = Math.max(1, Math.ceil(rows / DAYS_A_BUCKET));
  const regions = ["us-east-1", "us-west-1", "eu-central-1", "ap-northeast-1"];
  let text = "[\n";
  for (let row = 0; row < rows; row += 1) {
    const bucket = row % buckets;
    const day = FIRST_DAY + Math.floor(row / buckets) * DAY;
    const objects = 1 + random(9000);
    const raw = objects * (4096 + random(9_000_000));
    const busy = random(4) === 0;
    const [gets, puts, deletes, lists, heads] = busy ? [random(90_000), random(40_000), random(900), random(4000), random(20_000)] : [0, 0, 0, 0, 0];
    const [upload, download] = busy ? [random(2 ** 32) * 16, random(2 ** 32) * 16] : [random(90_000), random(90_000)];
    text += `{
"BucketUtilizationNum": ${6_947_981 + row},
"AcctNum": ${101_430 + (bucket % 7)},
"AcctPlanNum": 0,
"BucketNum": ${1_011_096 + bucket},
"StartTime": "${second(day)}",
"EndTime": "${second(day + DAY)}",
"CreateTime": "${second(day + DAY + 2 * HOUR + random(8 * 3600) * 1000)}",
"NumBillableObjects": ${objects},
"NumBillableDeletedObjects": ${busy ? random(5000) : 0},
"RawStorageSizeBytes": ${raw},
"PaddedStorageSizeBytes": ${raw + objects * random(4096)},
"MetadataStorageSizeBytes": ${objects * 48},
"DeletedStorageSizeBytes": ${busy ? random(2 ** 32) * 4 : 0},
"OrphanedStorageSizeBytes": 0,
"NumAPICalls": ${gets + puts + deletes + lists + heads + random(90)},
"UploadBytes": ${upload},
"DownloadBytes": ${download},
"StorageWroteBytes": ${upload - random(1 + upload / 50)},
"StorageReadBytes": ${download - random(1 + download / 50)},
"NumGETCalls": ${gets},
"NumPUTCalls": ${puts},
"NumDELETECalls": ${deletes},
"NumLISTCalls": ${lists},
"NumHEADCalls": ${heads},
"DeleteBytes": ${busy ? random(2 ** 30) : 0},
"Bucket": "media-${bucket}",
"Region": "${regions[bucket % regions.length]}"
}${row + 1 < rows ? ",\n" : ""}`;
    if (text.length >= BYTES_A_CHUNK) {
      yield Buffer.from(text);
      text = "";
    }
  }
  yield Buffer.from(`${text}\n]`);
}

/** OnApp's hourly list as XML. Each hour is a second late, as the page has it; two fields occur twice. */
export function onappHours(hours) {
  const random = randomOf(SEED);
  const cost = () => (random(4) === 0 ? "0.0" : `${random(90)}.${String(random(1_000_000_000)).padStart(9, "0")}${1 + random(9)}`);
  const pieces = ['<?xml version="1.0" encoding="UTF-8"?> <user_stats type="array"> '];
  for (let hour = 0; hour < hours; hour += 1) {
    const time = second(Date.UTC(2021, 2, 13, 11, 43, 36) + hour * (HOUR + 1000));
    pieces.push(
      `<user_stat> <backup_cost type="decimal">${cost()}</backup_cost> <user_resources_cost type="decimal">${cost()}</user_resources_cost> <currency_code>USD</currency_code> <total_cost type="decimal">${cost()}</total_cost> <template_cost type="decimal">${cost()}</template_cost> <storage_disk_size_cost type="decimal">${cost()}</storage_disk_size_cost> <edge_group_cost type="decimal">${cost()}</edge_group_cost> <backup_cost type="decimal">${cost()}</backup_cost> <template_cost type="decimal">${cost()}</template_cost> <user_id type="integer">4</user_id> <backup_disk_size_cost type="decimal">${cost()}</backup_disk_size_cost> <monit_cost type="decimal">${cost()}</monit_cost> <stat_time type="datetime">${time}</stat_time> <template_disk_size_cost type="decimal">${cost()}</template_disk_size_cost> <vm_cost type="integer">${random(40)}</vm_cost> <vm_stats type="array"/> </user_stat> `,
    );
  }
  pieces.push("</user_stats>");
  return Buffer.from(pieces.join(""));
}

/** Barracuda's page of thirty days, its default: a small reply, 3 KB. */
export function barracudaPage(rows = 30) {
  const random = randomOf(SEED);
  const href = "https://api.intronis.com/v1/partners/barracuda/usage_history?page=";
  const list = Array.from({ length: rows }, (_, day) => {
    const date = new Date(Date.UTC(2011, 0, 1 + day)).toISOString().slice(0, 10);
    return `   {\n     "date": "${date}T00:00:00-05:00",\n     "bytes": ${4_368_709_120 + random(2 ** 31)}\n   }`;
  });
  return Buffer.from(`{
  "page": 1,
  "page_size": ${rows},
  "count": ${10 * rows},
  "links": [
   {
     "rel": "first",
     "href": "${href}1"
   },
   {
     "rel": "next",
     "href": "${href}2"
   }
  ],
  "list": [
${list.join(",\n")}
  ]
}`);
}

/** deviceWISE's answer to one command: a counter a service, a number an hour. 5000 hours is the most it gives. */
export function devicewiseHours(hours, services = 10) {
  const random = randomOf(SEED);
  const names = ["location", "mailbox", "module", "thing", "thing_def", "trigger", "tunnel", "twilio", "usage", "user"];
  let total = 0;
  const counters = names.slice(0, services).map((name) => {
    const counts = Array.from({ length: hours }, () => random(random(3) === 0 ? 20_000 : 50));
    total += counts.reduce((sum, count) => sum + count, 0);
    return `"${name}": [${counts.join(", ")}]`;
  });
  const first = Date.UTC(2014, 0, 20, 8);
  const ts = Array.from({ length: hours }, (_, hour) => `"${new Date(first + hour * HOUR).toISOString().slice(0, 19)}-05:00"`);
  return Buffer.from(`{
"get": {
"success": true,
"params": {
"counters": {
${counters.join(",\n")}
},
"total": ${total},
"ts": [
${ts.join(",\n")}
]
}
}
}`);
}
