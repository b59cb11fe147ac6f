// The generated data of the providers: the same for every order and time of requests, different for another seed, and never in memory as a whole.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HOUR, addMonths, dateOf, eastern, easternMidnight, parseDate, parseTime } from "./calendar.mjs";
import { Sum, canonical, fixed, parse } from "./decimal.mjs";
import { NOW, start } from "./support.mjs";

const MIB = 2 ** 20;
const PLATFORM = { Request, Response };

test("the_east_coasts_clock_is_that_of_the_time_zone_database", () => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: "America/New_York",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    timeZoneName: "longOffset",
  });
  for (let time = Date.UTC(2018, 0, 1); time < Date.UTC(2027, 0, 1); time += HOUR) {
    const { year, month, day, hour, timeZoneName } = Object.fromEntries(parts.formatToParts(time).map(({ type, value }) => [type, value]));
    const expected = `${year}-${month}-${day}T${hour}:00:00${timeZoneName.slice(3)}`;
    if (eastern(time) !== expected) {
      assert.equal(eastern(time), expected);
    }
    if (hour === "00") {
      assert.equal(easternMidnight(parseDate(`${year}-${month}-${day}`)), time);
    }
  }
});

test("dates_and_times_that_are_none_are_not_read", () => {
  for (const text of ["2024-02-30", "2024-13-01", "2024-1-1", "20240101", "", "2024-01-01T00:00:00Z"]) {
    assert.equal(parseDate(text), null, text);
  }
  assert.equal(parseTime("2014-03-27T00:00:00.000-00:00"), Date.UTC(2014, 2, 27));
  assert.equal(parseTime("2012-03-15 06:58:16"), Date.UTC(2012, 2, 15, 6, 58, 16));
  assert.equal(parseTime("2024-03-10T00:00:00-05:00"), Date.UTC(2024, 2, 10, 5));
  for (const text of ["soon", "2024-01-01T25:00:00Z", "2024-01-01T00:00:00+1", "12"]) {
    assert.equal(parseTime(text), null, text);
  }
  assert.equal(dateOf(addMonths(parseDate("2024-01-31"), 1)), "2024-02-29");
});

test("decimals_are_exact", () => {
  assert.equal(fixed(-5n, 3), "-0.005");
  assert.equal(canonical("10.500"), "10.5");
  assert.equal(canonical("100"), "100");
  assert.deepEqual(parse("4.19e-05"), { units: 419n, scale: 7 });
  assert.deepEqual(parse("1e3"), { units: 1000n, scale: 0 });
  assert.equal(String(new Sum().addText("0.1").addText("0.2").addText("-0.3")), "0");
  assert.equal(String(new Sum().addText("9007199254740993").addText("1e-20")), "9007199254740993.00000000000000000001");
});

const SAMPLES = {
  barracuda: (c) => c.barracuda("/v1/partners/acme/usage_history?start_date=2024-01-01&end_date=2024-01-20"),
  devicewise: (c) => c.history({ start: "2024-01-10T00:00:00Z", end: "2024-01-12T00:00:00Z" }),
  cloudsigma: (c) => c.cloudsigma("/api/2.0/dailyburstusage/?date__gt=2024-01-01&date__lt=2024-01-03"),
  wasabi: (c) => c.wasabi("/v1/accounts/101430/utilizations/buckets?from=2024-01-01&to=2024-01-03"),
  onapp: (c) => c.onapp("/users/4/user_statistics.xml?hourly_stats&period[startdate]=2024-01-01+00:00:00&period[enddate]=2024-01-02+00:00:00"),
};

for (const [provider, ask] of Object.entries(SAMPLES)) {
  test(`the_same_seed_gives_the_same_bytes_and_another_gives_others (${provider})`, async (t) => {
    const text = async (seed) => {
      const client = await start(t, { seed });
      return (await ask(client)).text.replaceAll(client.baseUrls[provider], "");
    };
    const first = await text(7);
    assert.equal(await text(7), first);
    assert.notEqual(await text(8), first);
  });
}

test("a_row_is_the_same_in_whatever_range_it_is_asked_for", async (t) => {
  const { wasabi, onapp } = await start(t);
  const day = (await wasabi("/v1/utilizations/buckets?from=2024-01-10&to=2024-01-11")).json;
  const month = (await wasabi("/v1/utilizations/buckets?from=2024-01-01&to=2024-02-01")).json;
  assert.deepEqual(
    day,
    month.filter(({ StartTime }) => StartTime === "2024-01-10T00:00:00Z"),
  );
  const hours = async (from, to) => (await onapp(`/users/4/user_statistics.json?hourly_stats&period[startdate]=${from}&period[enddate]=${to}`)).json;
  const noon = await hours("2024-01-10+12:00:00", "2024-01-10+14:00:00");
  const all = await hours("2024-01-01+00:00:00", "2024-02-01+00:00:00");
  assert.deepEqual(
    noon,
    all.filter(({ user_stat }) => noon.some((row) => row.user_stat.stat_time === user_stat.stat_time)),
  );
  assert.equal(noon.length, 2);
});

/** 345,000 rows of Wasabi: a little more than 200 MB. */
const LARGE = {
  options: { size: { wasabi: { accounts: 1, buckets: 1000 } }, since: "2023-06-01" },
  path: "/v1/accounts/101430/utilizations/buckets?from=2023-06-15&to=2024-06-12",
};

const open = ({ baseUrls, credentials }, path = LARGE.path) =>
  fetch(`${baseUrls.wasabi}${path}`, { headers: { authorization: credentials.wasabi.key, "x-wasabi-service": "partner" } });

test("a_listing_of_200_mb_streams_out_with_flat_memory", async (t) => {
  const client = await start(t, LARGE.options);
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const held = () => {
    // The first collection finds unreferenced buffers, the second frees them.
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await (await open(client, "/v1/accounts/101430/utilizations/buckets?latest=true")).arrayBuffer();
  client.forgetRequests();
  const before = held();
  const response = await open(client);
  let [bytes, rows, next] = [0, 0, 8 * MIB];
  /** @type {number[]} */
  const levels = [];
  for await (const chunk of response.body) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(0x7b); at >= 0; at = chunk.indexOf(0x7b, at + 1)) {
      rows += 1;
    }
    if (bytes >= next) {
      levels.push(held());
      next += 16 * MIB;
    }
  }
  const range = { from: "2023-06-15", to: "2024-06-12", account: "101430" };
  assert.ok(bytes > 200e6, `${bytes} bytes`);
  assert.equal(rows, client.rows("wasabi", range));
  assert.equal(client.requests("wasabi")[0].bytes, bytes);
  const growth = Math.max(...levels) - before;
  t.diagnostic(`${(bytes / 1e6).toFixed(0)} MB, ${rows} rows; held before ${(before / MIB).toFixed(1)} MiB, at most ${(growth / MIB).toFixed(1)} MiB more`);
  assert.ok(growth < 8 * MIB, `${growth} bytes more`);
});

test("a_listing_is_made_no_faster_than_it_is_read_and_stops_when_reading_stops", async (t) => {
  const client = await start(t, LARGE.options);
  const response = await open(client);
  const reader = response.body.getReader();
  await reader.read();
  const [entry] = client.requests("wasabi");
  let made = -1;
  for (let waited = 0; made !== entry.bytes && waited < 5000; waited += 200) {
    made = entry.bytes;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  t.diagnostic(`${(made / MIB).toFixed(1)} MiB made for a reader that waits`);
  assert.equal(entry.bytes, made);
  assert.ok(made < 32 * MIB, `${made} bytes made`);
  await reader.cancel();
  for (let waited = 0; entry.body === "open" && waited < 2000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(entry.body, "broken");
  assert.ok(entry.bytes < 32 * MIB);
});

test("two_servers_run_at_the_same_time_and_a_closed_one_has_ended", async (t) => {
  const [one, other] = [await start(t), await start(t)];
  assert.equal(new Set([...Object.values(one.baseUrls), ...Object.values(other.baseUrls)]).size, 18);
  await one.close();
  await assert.rejects(fetch(one.baseUrls.wasabi));
  assert.equal((await SAMPLES.wasabi(other)).status, 200);
});

test("a_port_that_is_taken_is_an_error_and_nothing_stays_open", async (t) => {
  const { baseUrls } = await start(t);
  await assert.rejects(start(t, { ports: { elsewhere: Number(new URL(baseUrls.wasabi).port) } }), { code: "EADDRINUSE" });
});

test("a_client_in_the_same_process_keeps_the_platforms_own_classes", async (t) => {
  await start(t);
  assert.equal(globalThis.Request, PLATFORM.Request);
  assert.equal(globalThis.Response, PLATFORM.Response);
});

test("the_apps_answer_without_a_server_too", async () => {
  const { createProviders } = await import("./index.mjs");
  const { apps, credentials } = createProviders({ clock: () => NOW });
  const headers = { authorization: credentials.wasabi.key, "x-wasabi-service": "partner" };
  const response = await apps.wasabi.request("/v1/utilizations/buckets?latest=true", { headers });
  assert.equal((await response.json())[0].StartTime, "2024-06-14T00:00:00Z");
});

test("from_the_command_line_all_origins_are_reported_and_ruled_over_the_control_origin", async (t) => {
  const main = fileURLToPath(new URL("./main.mjs", import.meta.url));
  const child = spawn(process.execPath, [main, "--port", "0", "--seed", "3", "--now", "2024-06-15T12:00:00Z", "--buckets", "4"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.endsWith("}\n")) {
      break;
    }
  }
  const { baseUrls, credentials } = JSON.parse(said);
  const control = async (path, method = "GET", body = undefined) => {
    const response = await fetch(`${baseUrls.control}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, json: text === "" ? null : JSON.parse(text) };
  };
  assert.deepEqual((await control("/")).json.credentials, credentials);
  assert.ok((await control("/")).json.faults.barracuda.includes("foreign-next"));

  const announced = await control("/faults/wasabi", "POST", { kind: "429", times: null, retryAfter: "1" });
  assert.equal(announced.status, 201);
  const buckets = () => open({ baseUrls, credentials }, "/v1/accounts/101430/utilizations/buckets?from=2024-06-01&to=2024-06-15");
  assert.deepEqual([(await buckets()).status, (await buckets()).status], [429, 429]);
  assert.equal((await control("/faults")).json[0].affected, 2);
  assert.equal((await control("/faults/wasabi", "DELETE")).status, 204);
  const rows = await (await buckets()).json();
  const { json: expected } = await control("/expected/wasabi?account=101430&from=2024-06-01&to=2024-06-15");
  assert.equal(rows.length, expected.rows);
  assert.deepEqual(
    (await control("/requests/wasabi")).json.map(({ status }) => status),
    [429, 429, 200],
  );

  for (const [path, method, body] of [
    ["/faults/wasabi", "POST", { kind: "no" }],
    ["/expected/wasabi", "GET"],
    ["/expected/elsewhere", "GET"],
  ]) {
    assert.equal((await control(path, method, body)).status, 400, path);
  }
  assert.equal((await control("/faults/nobody", "POST", { kind: "429" })).status, 404);

  child.kill();
  await once(child, "exit");
});

test("an_option_of_the_command_line_that_is_wrong_is_reported", async () => {
  const main = fileURLToPath(new URL("./main.mjs", import.meta.url));
  for (const args of [["--port", "x"], ["--now", "soon"], ["--since", "then"], ["--what"]]) {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk) => (said += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 1, args.join(" "));
    assert.match(said, /usage:/);
  }
});
