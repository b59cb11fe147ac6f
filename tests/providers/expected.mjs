// What a complete and exact answer to a query holds, added up from the data itself: no wire format, no float, no paging.
import { DAY, dayOf, parseTime } from "./calendar.mjs";
import { AMOUNT_SCALE } from "./data/cloudsigma.mjs";
import { RESOURCES, lines } from "./data/onapp.mjs";
import { gib } from "./data/wasabi.mjs";
import { Sum } from "./decimal.mjs";

/**
 * A query as the sources of meterglot take it; a record belongs to [from, to) when it starts in it.
 *
 * @typedef {object} ExpectedQuery
 * @property {string | number | Date} [from]
 * @property {string | number | Date} [to]
 * @property {string} [resolution] the provider's own default where it is not given
 * @property {string} [partner] Barracuda: the first one where neither partner nor account is given
 * @property {string} [account] Barracuda: an account; Wasabi: an account's number, all of them where none is given
 * @property {string} [bucket] Wasabi: a name
 * @property {"bucket" | "account"} [level] Wasabi
 * @property {boolean} [regional] Wasabi, level account: the regions too
 * @property {string} [invoice] Wasabi
 * @property {string} [user] OnApp: the first one where none is given
 * @property {"xml" | "json"} [encoding] OnApp: machines and repeated elements come in XML alone
 * @property {boolean} [includeSubOrgs] deviceWISE
 * @property {"org"} [dimension] deviceWISE: each organisation's services for themselves
 */

/** @typedef {{ records: number, quantity: string | null, cost: string | null }} Total a sum over all records of a metric */
/** @typedef {{ rows: number, records: number, metrics: Record<string, Total> }} Expected rows: as the provider counts them */

/** One record: its metric, and its quantity and cost as decimals. */
/** @typedef {[metric: string, quantity: string | null, cost: string | null]} Figure */

/** @typedef {import("./providers.mjs").Providers["data"]} Data */

/** What one provider says to a query: how many rows of its own there are, and a record for every figure in them. */
/** @typedef {{ rows: () => number, figures: () => Iterable<Figure> }} Answer */

const time = (/** @type {string | number | Date | undefined} */ value, /** @type {string} */ name) => {
  const parsed = typeof value === "string" ? parseTime(value) : value === undefined ? null : Number(value);
  if (parsed === null || Number.isNaN(parsed)) {
    throw new TypeError(`expected data: expected a time in \`${name}\``);
  }
  return parsed;
};

/** The days of UTC that begin in [from, to). */
const daysOf = (/** @type {{ from: number, to: number }} */ { from, to }) => ({ first: dayOf(from + DAY - 1), end: dayOf(to + DAY - 1) });

const count = (/** @type {Iterable<unknown>} */ all) => {
  let number = 0;
  for (const _ of all) {
    number += 1;
  }
  return number;
};

/** @type {Record<string, import("./data/barracuda.mjs").Step>} */
const STEPS = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 } };

/** @type {(data: Data, query: ExpectedQuery, now: number) => Answer} */
function barracuda({ barracuda: data }, query, now) {
  const { resolution = "day", account, partner = data.firstPartner } = query;
  const holder = account === undefined ? data.holder("partner", partner) : data.holder("account", account);
  const days = /^(\d+)d$/.exec(resolution)?.[1];
  const step = days === undefined ? STEPS[resolution] : { days: Number(days) };
  if (holder === null || step === undefined) {
    throw new TypeError("expected data: no such holder or resolution");
  }
  const range = { from: time(query.from, "from"), to: time(query.to, "to"), step, now };
  return {
    rows: () => count(data.between(holder, range)),
    *figures() {
      for (const { bytes } of data.between(holder, range)) {
        yield ["storage.stored", String(bytes), null];
      }
    },
  };
}

/** @type {(data: Data, query: ExpectedQuery, now: number) => Answer} */
function devicewise({ devicewise: data }, query, now) {
  const series = query.resolution === "day" ? "day" : "hour";
  const range = { from: time(query.from, "from"), to: time(query.to, "to"), series: /** @type {"hour" | "day"} */ (series), now };
  const organisations = [data.organisation, ...(query.includeSubOrgs ? data.subOrganisations : [])];
  const counted = query.dimension === "org" ? organisations.map((organisation) => [organisation]) : [organisations];
  return {
    rows: () => count(data.between(range)),
    *figures() {
      for (const bucket of data.between(range)) {
        for (const service of data.services.keys()) {
          for (const of of counted) {
            yield ["api.calls", String(data.calls(of, service, bucket)), null];
          }
        }
      }
    },
  };
}

/** @type {(data: Data, query: ExpectedQuery, now: number) => Answer} */
function cloudsigma({ cloudsigma: data }, query, now) {
  const range = { ...daysOf({ from: time(query.from, "from"), to: time(query.to, "to") }), now };
  const rows = query.resolution === "total" ? data.accumulated(range) : data.daily(range);
  return {
    rows: () => rows.count,
    *figures() {
      for (let n = 0; n < rows.count; n += 1) {
        const { resource, usage, amount } = rows.at(n);
        const cost = new Sum().add(amount, AMOUNT_SCALE);
        yield [`burst.${data.resources[resource]?.name}`, String(usage), String(cost)];
      }
    },
  };
}

/** @type {Record<typeof import("./data/wasabi.mjs").MEASURES[number], string>} */
const WASABI = {
  NumBillableObjects: "storage.objects",
  NumBillableDeletedObjects: "storage.objects.deleted",
  RawStorageSizeBytes: "storage.stored",
  PaddedStorageSizeBytes: "storage.padded",
  MetadataStorageSizeBytes: "storage.metadata",
  DeletedStorageSizeBytes: "storage.deleted",
  OrphanedStorageSizeBytes: "storage.orphaned",
  NumAPICalls: "api.calls",
  UploadBytes: "transfer.upload",
  DownloadBytes: "transfer.download",
  StorageWroteBytes: "storage.written",
  StorageReadBytes: "storage.read",
  NumGETCalls: "api.calls.get",
  NumPUTCalls: "api.calls.put",
  NumDELETECalls: "api.calls.delete",
  NumLISTCalls: "api.calls.list",
  NumHEADCalls: "api.calls.head",
  DeleteBytes: "storage.removed",
};
const entriesOf = /** @type {(measures: Record<string, number | bigint>) => [keyof typeof WASABI, number | bigint][]} */ (Object.entries);

/** @type {(data: Data, query: ExpectedQuery, now: number) => Answer} */
function wasabi({ wasabi: data }, query, now) {
  const accounts = query.account === undefined ? data.accounts : data.accounts.filter((number) => String(number) === query.account);
  const bucket = query.bucket ?? null;
  if (query.invoice !== undefined) {
    const days = data.invoice(Number(query.invoice), now);
    return {
      rows: () => (days === null ? 0 : count(data.rolled({ accounts, bucket, ...days }))),
      *figures() {
        for (const { sums } of days === null ? [] : data.rolled({ accounts, bucket, ...days })) {
          for (const [name, value] of entriesOf(sums)) {
            const isCount = name.endsWith("Calls");
            // Neither objects nor deleted bytes are rolled up.
            if (isCount || !["NumBillableObjects", "NumBillableDeletedObjects", "DeleteBytes"].includes(name)) {
              yield [WASABI[name], isCount ? String(value) : gib(BigInt(value)), null];
            }
          }
        }
      },
    };
  }
  const range = { ...daysOf({ from: time(query.from, "from"), to: time(query.to, "to") }), now };
  if (query.level === "account") {
    return {
      rows: () => data.countAccountDaily({ accounts, ...range }),
      *figures() {
        for (const { total, least, regions } of data.accountDaily({ accounts, ...range })) {
          yield ["storage.minimum", String(least), null];
          for (const measures of [total, ...(query.regional ? regions.values() : [])]) {
            for (const [name, value] of entriesOf(measures)) {
              // A region's figures are parts of the account's.
              yield [measures === total ? WASABI[name] : `${WASABI[name]} by region`, String(value), null];
            }
          }
        }
      },
    };
  }
  return {
    rows: () => data.countDaily({ accounts, bucket, ...range }),
    *figures() {
      for (const { measures } of data.daily({ accounts, bucket, ...range })) {
        for (const [name, value] of entriesOf(measures)) {
          yield [WASABI[name], String(value), null];
        }
      }
    },
  };
}

/** @type {(data: Data, query: ExpectedQuery, now: number) => Answer} */
function onapp({ onapp: data }, query, now) {
  const user = Number(query.user ?? data.users[0]);
  const xml = (query.encoding ?? "json") === "xml";
  // Times are whole seconds: what is at most a second before `to` is what is before it.
  const rows = data.rows({ from: time(query.from, "from"), to: Math.ceil(time(query.to, "to") / 1000) * 1000 - 1000, now });
  const total = query.resolution === "total";
  const bills = function* () {
    if (total) {
      yield data.together(user, rows);
      return;
    }
    for (let n = rows.first; n < rows.first + rows.count; n += 1) {
      yield data.bill(user, n);
    }
  };
  return {
    rows: () => (total ? 1 : rows.count),
    *figures() {
      for (const bill of bills()) {
        const { costs, vm, userResources, total, machines } = lines(bill);
        yield ["cost.total", null, total];
        yield ["cost.user_resources", null, userResources];
        yield ["cost.vm", null, vm];
        for (const name of RESOURCES) {
          const renamed = name === "backup_count" || name === "template_count";
          if (xml || !renamed) {
            yield [`cost.${renamed ? name.replace("_count", "") : name}`, null, costs[name]];
          }
        }
        for (const machine of xml ? machines : []) {
          yield ["cost.vm.total", null, machine.total];
          yield ["cost.vm.usage", null, machine.usage];
          yield ["cost.vm.vm_resources", null, machine.resources];
        }
      }
    },
  };
}

const ANSWERS = { barracuda, devicewise, cloudsigma, wasabi, onapp };

/**
 * @param {Data} data
 * @param {import("./providers.mjs").Provider} provider
 * @param {ExpectedQuery} query
 * @param {number} now
 */
function answerOf(data, provider, query, now) {
  const answer = ANSWERS[provider];
  if (answer === undefined) {
    throw new TypeError(`expected data: no provider ${provider}`);
  }
  return answer(data, query, now);
}

/**
 * The exact totals of a query, by metric.
 *
 * @param {Parameters<typeof answerOf>} args
 * @returns {Expected}
 */
export function expected(...args) {
  const answer = answerOf(...args);
  /** @type {Map<string, { records: number, quantity: Sum | null, cost: Sum | null }>} */
  const sums = new Map();
  let records = 0;
  for (const [metric, quantity, cost] of answer.figures()) {
    const sum = sums.get(metric) ?? { records: 0, quantity: quantity === null ? null : new Sum(), cost: cost === null ? null : new Sum() };
    sums.set(metric, sum);
    sum.records += 1;
    sum.quantity?.addText(/** @type {string} */ (quantity));
    sum.cost?.addText(/** @type {string} */ (cost));
    records += 1;
  }
  const metrics = Object.fromEntries(
    [...sums].map(([metric, { records, quantity, cost }]) => [metric, { records, quantity: quantity?.toString() ?? null, cost: cost?.toString() ?? null }]),
  );
  return { rows: answer.rows(), records, metrics };
}

/**
 * How many rows a query has, as the provider counts them.
 *
 * @param {Parameters<typeof answerOf>} args
 */
export const rowsOf = (...args) => answerOf(...args).rows();
