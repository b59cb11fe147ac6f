/** The state of the page: the replies that were read, and the view. Everything shown is computed from it. */
import { batch, computed, effect, signal } from "@preact/signals";
import type { GroupKey } from "meterglot";
import { asking } from "./asking.js";
import { ask, onProgress } from "./engine/client.js";
import type { Body, DefinedFormat, Figures, FormatRead, MeasureTotal, Preference, ReplyRead, Series, SeriesRequest, Settings } from "./engine/protocol.js";
import { Refused, refusedBy } from "./engine/refused.js";
import { measureId } from "./format/words.js";
import { type AddedFormat, formats } from "./formats.js";
import { openListings } from "./listing.js";
import type { Origin, Reply } from "./reply.js";
import { readView, type View, writeView } from "./url.js";

/** The state of a question to the worker: whether one is pending, the last answer, or the reason for a failure. */
export interface Asked<Answer> {
  busy: boolean;
  answer: Answer | null;
  refused: Refused | null;
}

export const replies = signal<Reply[]>([]);
export const view = signal<View>(readView(location.search));
export const figures = signal<Asked<Figures>>({ busy: false, answer: null, refused: null });
export const series = signal<Asked<Series>>({ busy: false, answer: null, refused: null });
/** The text of the live region that screen readers announce. */
export const announcement = signal("");

const NO_SETTINGS: Settings = { provider: "", account: "", currency: "", periodStart: "", periodEnd: "" };

/** Replies whose records count, in the order they were added. All other state is computed again when it changes. */
export const counted = signal<{ ids: number[]; generation: number }>({ ids: [], generation: 0 });

export const measures = computed<MeasureTotal[]>(() => figures.value.answer?.measures ?? []);

/** Replies that are pages of one listing and are not joined yet. */
export const listings = computed(() => openListings(replies.value));

/** What counts if the same usage is reported twice. As JSON, so that dependents run only if it changes. */
const preferred = computed(() => JSON.stringify({ prefer: view.value.prefer, overlap: view.value.overlap }));
export const preference = computed<Preference>(() => JSON.parse(preferred.value) as Preference);

/** The measure in view: the chosen one, else a default. */
export const measure = computed<MeasureTotal | null>(() => {
  const all = measures.value;
  const cost = (candidate: MeasureTotal) => candidate.what === "cost" && candidate.partOf === null && !/[1-9]/.test(candidate.total);
  return (
    all.find((candidate) => measureId(candidate) === view.value.measure) ??
    all.find((candidate) => candidate.metric === "storage.stored") ??
    all.find((candidate) => candidate.partOf === null && !cost(candidate)) ??
    all[0] ??
    null
  );
});

/** The group key in view. A key in the address that no record has is ignored. */
export const by = computed<GroupKey | "">(() => {
  const asked = view.value.by;
  return asked !== "" && figures.value.answer?.keys.includes(asked) === true ? asked : "";
});

export const request = computed<SeriesRequest | null>(() => {
  const shown = measure.value;
  if (shown === null) {
    return null;
  }
  const { metric, kind, unit, currency, what } = shown;
  const { window, zone, weekStart, reducer } = view.value;
  return {
    measure: { metric, kind, unit, currency, what },
    by: by.value,
    window,
    zone,
    weekStart,
    reducer: what === "cost" || reducer === "" ? shown.reducer : reducer,
  };
});

let lastReply = 0;

function enter(known: Pick<Reply, "name" | "origin" | "settings" | "bodies" | "load" | "included">): Reply {
  const reply: Reply = { ...known, id: ++lastReply, state: { is: "reading", progress: null } };
  replies.value = [...replies.value, reply];
  return reply;
}

/** Adds a reply, whose bodies may have to be fetched. */
export function bring(
  bodies: Body[] | (() => Promise<Body[]>),
  name: string,
  origin: Origin,
  { settings = {}, included = true }: { settings?: Partial<Settings>; included?: boolean } = {},
): Promise<void> {
  const brought = typeof bodies === "function" ? { bodies: [], load: bodies } : { bodies, load: null };
  const reply = enter({ name, origin, ...brought, included, settings: { ...NO_SETTINGS, ...settings } });
  return settle(reply, answerTo(reply));
}

/** Adds usage from an edge worker. */
export function bringFrom(edge: string, token: string, source: string, query: Record<string, string>): Promise<void> {
  const reply = enter({ name: source, origin: { from: "source", edge, source, query }, bodies: [], load: null, included: true, settings: NO_SETTINGS });
  return settle(reply, ask("fetch", { reply: reply.id, edge, token, source, query }));
}

/** Reads a reply, or reads it again after a correction or an error. */
export function read(reply: Reply): Promise<void> {
  news.delete(reply.id);
  change(reply.id, { state: { is: "reading", progress: null } });
  return settle(reply, answerTo(reply));
}

const answerTo = ({ id, bodies, load, settings }: Reply): Promise<ReplyRead | FormatRead> =>
  inTurn(async () => {
    const arrived = bodies.length === 0 && load !== null ? await load() : bodies;
    if (find(id) === undefined) {
      throw new Refused({ code: "cancelled", message: "it was removed meanwhile" });
    }
    if (arrived !== bodies) {
      change(id, { bodies: arrived });
    }
    return ask("read", { reply: id, bodies: arrived, settings });
  });

/** The number of replies that are read concurrently. The others wait: hundreds may be added. */
const READ_AT_ONCE = 8;
let underWay = 0;
const inLine: (() => void)[] = [];

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (underWay >= READ_AT_ONCE) {
    await new Promise<void>((turn) => inLine.push(turn));
  } else {
    underWay += 1;
  }
  try {
    return await work();
  } finally {
    const next = inLine.shift();
    if (next === undefined) {
      underWay -= 1;
    } else {
      next();
    }
  }
}

/** Reads all replies again after the engine was restarted: it has lost its tables, but the page still has the bodies. */
export function readAllAgain(): void {
  for (const reply of replies.value.filter(({ bodies }) => bodies.length > 0)) {
    void read(reply);
  }
}

async function settle({ id, name }: Reply, answer: Promise<ReplyRead | FormatRead>): Promise<void> {
  const before = definitions;
  try {
    const read = await answer;
    if ("problems" in read) {
      addFormat(id, name, read);
      return;
    }
    const again = definitions === before || read.formats.length > 0 ? undefined : find(id);
    if (again !== undefined) {
      // A format was added meanwhile, and it may be of that one.
      return settle(again, answerTo(again));
    }
    soon(
      id,
      { state: { is: "read", read } },
      `${name}: ${read.records.toLocaleString()} records read, ${read.issues.length === 0 ? "no issues" : `${read.issues.length.toLocaleString()} issues`}.`,
    );
  } catch (error) {
    const { code, message } = refusedBy(error);
    if (code !== "cancelled") {
      soon(id, { state: { is: "refused", code, message } }, `${name}: not read. ${message}`);
    }
  }
}

/** The number of formats that were added so far. */
let definitions = 0;

/** A reply that was added is a descriptor. Its format replaces one of the same name, and what was not recognised is read with it. */
function addFormat(id: number, name: string, { defined, problems }: FormatRead): void {
  const isReplaced = (other: AddedFormat) => (other.defined === null ? other.name === name : other.defined.format === defined?.format);
  batch(() => {
    replies.value = replies.value.filter((reply) => reply.id !== id);
    formats.value = [...formats.value.filter((other) => !isReplaced(other)), { id, name, defined, problems }];
  });
  if (defined === null) {
    announcement.value = `${name}: not a format. ${problems.length === 1 ? "The descriptor has a problem" : `The descriptor has ${problems.length} problems`}.`;
    return;
  }
  definitions += 1;
  announcement.value = `${defined.title}: replies of this format are read now.`;
  readThoseOf(defined, true);
}

export function removeFormat({ id, name, defined }: AddedFormat): void {
  formats.value = formats.value.filter((other) => other.id !== id);
  announcement.value = `${defined?.title ?? name} removed.`;
  if (defined !== null) {
    void ask("forgetFormat", { format: defined.format });
    readThoseOf(defined, false);
  }
}

/** Reads the replies of a format again, those that were refused for its provider, and also those that were not recognised. */
function readThoseOf({ provider, format }: DefinedFormat, unknown: boolean): void {
  for (const reply of replies.value.filter(({ bodies }) => bodies.length > 0)) {
    const { state, settings } = reply;
    const isOf = state.is === "read" ? state.read.formats.includes(format) || (unknown && state.read.formats.length === 0) : settings.provider === provider;
    if (state.is !== "reading" && isOf) {
      void read(reply);
    }
  }
}

export function correct(reply: Reply, settings: Settings, bodies: Body[]): Promise<void> {
  const corrected = { ...reply, settings, bodies };
  change(reply.id, { settings, bodies });
  return read(corrected);
}

/** Joins replies as the pages of one listing, in this order, so that a row that is on two pages counts once. */
export function join(ids: number[]): Promise<void> {
  const pages = ids.flatMap((id) => find(id) ?? []);
  const [first, ...others] = pages;
  if (first === undefined || others.length === 0) {
    return Promise.resolve();
  }
  const name = others.length === 1 ? `${first.name} + ${others[0]?.name}` : `${first.name} + ${others.length} more`;
  const joined: Reply = { ...first, bodies: pages.flatMap(({ bodies }) => bodies), name };
  const gone = new Set(others.map(({ id }) => id));
  replies.value = replies.value.filter(({ id }) => !gone.has(id)).map((reply) => (reply.id === first.id ? joined : reply));
  gone.forEach((reply) => void ask("forget", { reply }));
  return read(joined);
}

export function remove(id: number): void {
  const name = find(id)?.name ?? "";
  replies.value = replies.value.filter((reply) => reply.id !== id);
  void ask("forget", { reply: id });
  announcement.value = `${name} removed.`;
  recount();
}

export function removeAll(): void {
  for (const { id } of replies.value) {
    void ask("forget", { reply: id });
  }
  replies.value = [];
  announcement.value = "All replies removed.";
  recount();
}

export function include(id: number, included: boolean): void {
  change(id, { included });
  recount();
}

export function look(change: Partial<View>): void {
  view.value = { ...view.value, ...change };
}

export const find = (id: number) => replies.peek().find((reply) => reply.id === id);
export const countedReplies = () => counted.peek().ids;

function change(id: number, to: Partial<Reply>): void {
  replies.value = replies.value.map((reply) => (reply.id === id ? { ...reply, ...to } : reply));
}

/** Changes to replies that the worker reported since the last update of the page. */
const news = new Map<number, { to: Partial<Reply>; said: string }>();
const MILLISECONDS_A_FRAME = 16;

/** Changes a reply with the next update of the page. Updates are batched because hundreds of replies may be read between two frames. */
function soon(id: number, to: Partial<Reply>, said = ""): void {
  if (news.size === 0) {
    setTimeout(() => batch(tell), MILLISECONDS_A_FRAME);
  }
  news.set(id, { to, said });
}

function tell(): void {
  replies.value = replies.value.map((reply) => (news.has(reply.id) ? { ...reply, ...news.get(reply.id)?.to } : reply));
  const settled = [...news.values()].filter(({ said }) => said !== "");
  news.clear();
  if (settled.length > 0) {
    announcement.value = settled.at(-1)?.said ?? "";
    recount();
  }
}

function recount(): void {
  const ids = replies
    .peek()
    .filter(({ included, state }) => included && state.is === "read")
    .map(({ id }) => id);
  counted.value = { ids, generation: counted.peek().generation + 1 };
}

onProgress((progress) => {
  const reply = find(progress.reply);
  if (reply?.state.is === "reading" && (news.get(progress.reply)?.said ?? "") === "") {
    soon(progress.reply, { state: { is: "reading", progress } });
  }
});

export const someAreBeingRead = () => replies.peek().some(({ state }) => state.is === "reading");

/** Returns a function that asks the worker and stores the answer. With `partial`, outdated answers are stored too: they show what is read so far. */
function asker<Question, Answer>(put: (question: Question) => Promise<Answer>, into: { value: Asked<Answer>; peek(): Asked<Answer> }, partial: boolean) {
  const questions = asking(
    put,
    (outcome, overtaken) => {
      if (!overtaken || (partial && outcome.refused === null)) {
        into.value = { ...outcome, busy: overtaken };
      }
    },
    someAreBeingRead,
  );
  return (question: Question | null) => {
    if (question === null) {
      questions.drop();
      into.value = { busy: false, answer: null, refused: null };
    } else {
      into.value = { ...into.peek(), busy: true };
      questions.ask(question);
    }
  };
}

const askFigures = asker((question: { replies: number[]; preference: Preference }) => ask("figures", question), figures, true);
const askSeries = asker((question: { replies: number[]; preference: Preference; request: SeriesRequest }) => ask("series", question), series, false);

/** Starts the effects that keep the state up to date. */
export function start(): void {
  effect(() => {
    const { ids } = counted.value;
    askFigures(ids.length === 0 ? null : { replies: ids, preference: preference.value });
  });
  effect(() => {
    const asked = request.value;
    askSeries(asked === null ? null : { replies: counted.peek().ids, preference: preference.peek(), request: asked });
  });
  effect(() => {
    const samples = replies.value.flatMap(({ origin, included }) => (origin.from === "sample" ? [{ sample: origin.sample, included }] : []));
    // Names of a format that was added are data.
    const shown: View = formats.value.length === 0 ? view.value : { ...view.value, measure: "", metric: "", provider: "", prefer: [], by: "" };
    const address = writeView(shown, {
      samples: samples.map(({ sample }) => sample),
      without: samples.flatMap(({ sample, included }) => (included ? [] : [sample])),
      only: samples.length === replies.value.length,
    });
    if (address !== location.search) {
      history.replaceState(null, "", `${location.pathname}${address}${location.hash}`);
    }
  });
}
