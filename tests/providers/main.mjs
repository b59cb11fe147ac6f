// Starts the five from the command line: node tests/providers/main.mjs --port 8800 --seed 7 --buckets 100
import { parseArgs } from "node:util";
import { serve } from "./index.mjs";

const HELP = `usage: node tests/providers/main.mjs [options]

  --port <n>         the first of nine ports: control, barracuda, barracudaTokens, devicewise, cloudsigma, wasabi, onapp,
                     elsewhere, wasabiStats (default 8800; 0: any that are free)
  --seed <n>         which world (default 1)
  --since <date>     its first day (default 2019-01-01)
  --now <time>       what time it is there (default: what it is here)
  --buckets <n>      buckets of each account at Wasabi
  --users <n>        users at OnApp
  --resources <n>    resource types at CloudSigma
  --services <n>     services at deviceWISE
`;

const ORDER = /** @type {const} */ (["control", "barracuda", "barracudaTokens", "devicewise", "cloudsigma", "wasabi", "onapp", "elsewhere", "wasabiStats"]);

function read() {
  const text = /** @type {const} */ ({ type: "string" });
  const options = {
    port: text,
    seed: text,
    since: text,
    now: text,
    buckets: text,
    users: text,
    resources: text,
    services: text,
    help: { type: /** @type {const} */ ("boolean") },
  };
  const { values } = parseArgs({ options });
  const number = (/** @type {keyof typeof values} */ name, fallback = 0) => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isInteger(value) || value < 0) {
      throw new TypeError(`--${name} is to be a whole number`);
    }
    return value;
  };
  const size = (/** @type {keyof typeof values} */ name) => (values[name] === undefined ? {} : { [name]: number(name) });
  const now = values.now === undefined ? null : Date.parse(values.now);
  const since = values.since ?? "2019-01-01";
  if (Number.isNaN(now) || Number.isNaN(Date.parse(`${since}T00:00:00Z`))) {
    throw new TypeError("--now is to be a time, --since a date");
  }
  const first = number("port", 8800);
  return {
    help: values.help ?? false,
    ports: first === 0 ? {} : Object.fromEntries(ORDER.map((origin, i) => [origin, first + i])),
    seed: number("seed", 1),
    since,
    ...(now === null ? {} : { clock: () => now }),
    size: { wasabi: size("buckets"), onapp: size("users"), cloudsigma: size("resources"), devicewise: size("services") },
  };
}

try {
  const { help, ...options } = read();
  if (help) {
    console.log(HELP);
  } else {
    const { baseUrls, credentials } = await serve(options);
    console.log(JSON.stringify({ baseUrls, credentials }, null, 2));
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  process.exitCode = 1;
}
