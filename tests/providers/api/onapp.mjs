// OnApp: `user_statistics`, by hour or as a summary, XML and JSON, behind HTTP Basic (docs/formats.md#onapp).
import { Hono } from "hono";
import { streamOf, xml } from "../body.mjs";
import { addMonths, DAY, dayOf, parseTime, secondOf } from "../calendar.mjs";
import { lines } from "../data/onapp.mjs";
import { basic } from "./context.mjs";

/** @typedef {import("./context.mjs").Api} Api */
/** @typedef {import("./context.mjs").Context} Context */
/** @typedef {import("./context.mjs").Env} Env */
/** @typedef {import("../data/onapp.mjs").Bill} Bill */

const DEFAULT_MONTHS = 3;

/**
 * @param {object} options
 * @param {import("../data/onapp.mjs").OnappData} options.data
 * @param {() => number} options.clock
 * @param {{ user: string, password: string }} options.credentials
 * @param {string} options.currency
 * @returns {Api}
 */
export function onappApi({ data, clock, credentials, currency }) {
  const wantsXml = (/** @type {Context} */ c) => c.req.path.endsWith(".xml");
  const answer = (/** @type {Context} */ c, /** @type {string | ReadableStream<Uint8Array>} */ body, status = 200) =>
    c.body(/** @type {any} */ (body), /** @type {any} */ (status), {
      "Content-Type": `application/${wantsXml(c) ? "xml" : "json"}; charset=utf-8`,
    });

  /** Errors come as a list or as one text; in XML always as a list. */
  const error = (/** @type {Context} */ c, /** @type {number} */ status, /** @type {"list" | "one"} */ form, /** @type {string} */ message) => {
    if (wantsXml(c)) {
      return answer(c, `<?xml version="1.0" encoding="UTF-8"?>\n<errors>\n  <error>${xml(message)}</error>\n</errors>\n`, status);
    }
    return answer(c, JSON.stringify(form === "list" ? { errors: [message] } : { error: message }), status);
  };
  const unauthorized = (/** @type {Context} */ c) => {
    c.header("WWW-Authenticate", 'Basic realm="Application"');
    return error(c, 401, "one", "You need to sign in or sign up before continuing.");
  };

  const statistics = (/** @type {Context} */ c) => {
    if (c.get("credential") !== "right") {
      return unauthorized(c);
    }
    const user = data.users.find((id) => String(id) === c.req.param("user"));
    if (user === undefined) {
      return error(c, 404, "list", "Resource not found");
    }
    const query = new URL(c.req.url).searchParams;
    const now = clock();
    const time = (/** @type {string} */ name, /** @type {number} */ fallback) => (query.has(name) ? parseTime(query.get(name) ?? "") : fallback);
    // Both bounds are inclusive.
    const from = time("period[startdate]", addMonths(dayOf(now), -DEFAULT_MONTHS) * DAY);
    const to = time("period[enddate]", now);
    if (from === null || to === null) {
      return error(c, 422, "list", "Period is invalid");
    }
    const rows = data.rows({ from, to, now });
    const row = wantsXml(c) ? xmlRow : jsonRow;
    const { together = false, timeless = false } = c.get("affected");
    if (!query.has("hourly_stats") || together) {
      // Newer servers put the time of the reply there.
      const summary = row({ user, currency, time: together ? now : null, bill: data.together(user, rows) });
      return answer(c, wantsXml(c) ? `<?xml version="1.0" encoding="UTF-8"?>\n${summary}` : summary);
    }
    const bodies = (function* () {
      for (let n = rows.first; n < rows.first + rows.count; n += 1) {
        yield row({ user, currency, time: timeless ? null : data.time(n), bill: data.bill(user, n) });
      }
    })();
    return answer(c, streamOf(wantsXml(c) ? xmlList(bodies) : jsonList(bodies)));
  };

  /** @type {Hono<Env>} */
  const app = new Hono();
  app.get("/users/:user/user_statistics.xml", statistics);
  app.get("/users/:user/user_statistics.json", statistics);
  app.all("*", (c) => error(c, 404, "one", "Resource not found"));

  return {
    app,
    credentialOf: (c) => basic(c.req.header("authorization"), credentials),
    fault: (c, status, message) => error(c, status, "list", message),
    expired: unauthorized,
  };
}

/** @typedef {{ user: number, currency: string, time: number | null, bill: Bill }} Row */

function* xmlList(/** @type {Iterable<string>} */ rows) {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<user_stats type="array">\n';
  yield* rows;
  yield "</user_stats>\n";
}

function* jsonList(/** @type {Iterable<string>} */ rows) {
  let before = "[";
  for (const row of rows) {
    yield before + row;
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

/** `backup_cost` and `template_cost` occur twice: the first is what version 5.6 renamed. */
function xmlRow(/** @type {Row} */ { user, currency, time, bill }) {
  const { costs, vm, userResources, total, machines } = lines(bill);
  const cost = (/** @type {string} */ name, /** @type {string} */ value) => `    <${name}_cost type="decimal">${value}</${name}_cost>`;
  return [
    "  <user_stat>",
    cost("backup", costs.backup_count),
    cost("user_resources", userResources),
    `    <currency_code>${currency}</currency_code>`,
    cost("total", total),
    cost("template", costs.template_count),
    cost("storage_disk_size", costs.storage_disk_size),
    cost("edge_group", costs.edge_group),
    cost("backup", costs.backup),
    cost("template", costs.template),
    `    <user_id type="integer">${user}</user_id>`,
    cost("backup_disk_size", costs.backup_disk_size),
    cost("monit", costs.monit),
    time === null ? '    <stat_time nil="true"></stat_time>' : `    <stat_time type="datetime">${secondOf(time)}</stat_time>`,
    cost("template_disk_size", costs.template_disk_size),
    vm === "0.0" ? '    <vm_cost type="integer">0</vm_cost>' : cost("vm", vm),
    machines.length === 0 ? '    <vm_stats type="array"/>' : '    <vm_stats type="array">',
    ...machines.map(xmlMachine),
    ...(machines.length === 0 ? [] : ["    </vm_stats>"]),
    "  </user_stat>\n",
  ].join("\n");
}

const xmlMachine = (/** @type {ReturnType<typeof lines>["machines"][number]} */ { id, total, usage, resources }) => `      <vm_stat>
        <total_cost type="float">${total}</total_cost>
        <virtual_machine_id type="integer">${id}</virtual_machine_id>
        <usage_cost type="float">${usage}</usage_cost>
        <vm_resources_cost type="float">${resources}</vm_resources_cost>
      </vm_stat>`;

/** An object has each name once, and no machines: they come in XML alone. */
function jsonRow(/** @type {Row} */ { user, currency, time, bill }) {
  const { costs, vm, userResources, total } = lines(bill);
  const members = [
    `"backup_cost":${costs.backup}`,
    `"user_resources_cost":${userResources}`,
    `"currency_code":"${currency}"`,
    `"total_cost":${total}`,
    `"template_cost":${costs.template}`,
    `"storage_disk_size_cost":${costs.storage_disk_size}`,
    `"edge_group_cost":${costs.edge_group}`,
    `"user_id":${user}`,
    `"backup_disk_size_cost":${costs.backup_disk_size}`,
    `"monit_cost":${costs.monit}`,
    `"stat_time":${time === null ? null : `"${secondOf(time)}"`}`,
    `"template_disk_size_cost":${costs.template_disk_size}`,
    `"vm_cost":${vm === "0.0" ? 0 : vm}`,
  ];
  return `{"user_stat":{${members.join(",")}}}`;
}
