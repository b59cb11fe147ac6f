/** Everything the page shows follows from here: what was read, and how it is looked at. */
import { computed, effect, signal } from "@preact/signals";
import type { GroupKey } from "meterglot";
import { ask, onProgress, Refused } from "./engine/client.js";
import type { Body, Figures, MeasureTotal, Progress, ReplyRead, Series, SeriesRequest, Settings } from "./engine/protocol.js";
import { measureId } from "./format/words.js";
import { readView, type View, writeView } from "./url.js";

/** How a reply came here. */
export type Origin = { from: "file" | "paste" } | { from: "sample"; sample: string } | { from: "source"; edge: string; source: string; query: Record<string, string> };

export interface Reply {
  id: number;
  name: string;
  origin: Origin;
  bodies: Body[];
  settings: Settings;
  /** Whether its records count in what is shown. */
  included: boolean;
  state: { is: "reading"; progress: Progress | null } | { is: "read"; read: ReplyRead } | { is: "refused"; code: string; message: string };
}

/** What is being asked of the worker, what it last said, or why it did not. */
export interface Asked<Answer> {
  busy: boolean;
  answer: Answer | null;
  refused: Refused | null;
}

export const replies = signal<Reply[]>([]);
export const view = signal<View>(readView(location.search));
export const figures = signal<Asked<Figures>>({ busy: false, answer: null, refused: null });
export const series = signal<Asked<Series>>({ busy: false, answer: null, refused: null });
/** Said to those who listen to the page. */
export const announcement = signal("");

const NO_SETTINGS: Settings = { provider: "", account: "", currency: "", periodStart: "", periodEnd: "" };

/** Replies whose records count, in the order they were brought. A change makes everything else anew. */
export const counted = signal<{ ids: number[]; generation: number }>({ ids: [], generation: 0 });

export const measures = computed<MeasureTotal[]>(() => figures.value.answer?.measures ?? []);

/** The measure in view: the one that was chosen where there is one, else the first that says most. */
export const measure = computed<MeasureTotal | null>(() => {
  const all = measures.value;
  const cost = (candidate: MeasureTotal) => candidate.what === "cost" && candidate.partOf === null && !/[1-9]/.test(candidate.total);
  return all.find((candidate) => measureId(candidate) === view.value.measure) ?? all.find((candidate) => candidate.metric === "storage.stored") ??
    all.find((candidate) => candidate.partOf === null && !cost(candidate)) ?? all[0] ?? null;
});

/** The group keys there are; a key in the address that nothing has is no key. */
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
  return { measure: { metric, kind, unit, currency, what }, by: by.value, window, zone, weekStart, reducer: what === "cost" || reducer === "" ? shown.reducer : reducer };
});

let lastReply = 0;

function enter(known: Pick<Reply, "name" | "origin" | "settings">): Reply {
  const reply: Reply = { ...known, id: ++lastReply, bodies: [], included: true, state: { is: "reading", progress: null } };
  replies.value = [...replies.value, reply];
  return reply;
}

/** Brings a reply, whose bodies may still be on their way. */
export function bring(bodies: Body[] | Promise<Body[]>, name: string, origin: Origin, settings: Partial<Settings> = {}): Promise<void> {
  const reply = enter({ name, origin, settings: { ...NO_SETTINGS, ...settings } });
  return settle(reply, Promise.resolve(bodies).then((arrived) => {
    change(reply.id, { bodies: arrived });
    return ask("read", { reply: reply.id, bodies: arrived, settings: reply.settings });
  }));
}

/** Brings what an edge worker has to say. */
export function bringFrom(edge: string, token: string, source: string, query: Record<string, string>): Promise<void> {
  const reply = enter({ name: source, origin: { from: "source", edge, source, query }, settings: NO_SETTINGS });
  return settle(reply, ask("fetch", { reply: reply.id, edge, token, source, query }));
}

/** Reads a reply, again where something about it was corrected. */
export function read(reply: Reply): Promise<void> {
  change(reply.id, { state: { is: "reading", progress: null } });
  return settle(reply, ask("read", { reply: reply.id, bodies: reply.bodies, settings: reply.settings }));
}

/** For when the engine was started anew: what it held is gone, and the bodies are still here. */
export function readAllAgain(): void {
  for (const reply of replies.value.filter(({ bodies }) => bodies.length > 0)) {
    void read(reply);
  }
}

async function settle({ id, name }: Reply, answer: Promise<ReplyRead>): Promise<void> {
  try {
    const read = await answer;
    change(id, { state: { is: "read", read } });
    announcement.value = `${name}: ${read.records.toLocaleString()} records read, ${read.issues.length === 0 ? "no issues" : `${read.issues.length.toLocaleString()} issues`}.`;
  } catch (error) {
    const { code, message } = error instanceof Refused ? error : new Refused({ code: "internal", message: String(error) });
    if (code !== "cancelled") {
      change(id, { state: { is: "refused", code, message } });
      announcement.value = `${name}: not read. ${message}`;
    }
  }
  recount();
}

export function correct(reply: Reply, settings: Settings, bodies: Body[]): Promise<void> {
  const corrected = { ...reply, settings, bodies };
  change(reply.id, { settings, bodies });
  return read(corrected);
}

/** Reads two replies as pages of one listing: what stands in both then counts once. */
export function join(first: number, second: number): Promise<void> {
  const [one, other] = [find(first), find(second)];
  if (one === undefined || other === undefined) {
    return Promise.resolve();
  }
  const joined: Reply = { ...one, bodies: [...one.bodies, ...other.bodies], name: `${one.name} + ${other.name}` };
  replies.value = replies.value.filter(({ id }) => id !== second).map((reply) => (reply.id === first ? joined : reply));
  void ask("forget", { reply: second });
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

function recount(): void {
  const ids = replies.peek().filter(({ included, state }) => included && state.is === "read").map(({ id }) => id);
  counted.value = { ids, generation: counted.peek().generation + 1 };
}

onProgress((progress) => {
  const reply = find(progress.reply);
  if (reply?.state.is === "reading") {
    change(reply.id, { state: { is: "reading", progress } });
  }
});

/** Asks the worker, and keeps what it says unless something newer was asked meanwhile. */
function asker<Answer>(into: { value: Asked<Answer>; peek(): Asked<Answer> }) {
  let latest = 0;
  return async (question: Promise<Answer> | null) => {
    const turn = ++latest;
    if (question === null) {
      into.value = { busy: false, answer: null, refused: null };
      return;
    }
    into.value = { ...into.peek(), busy: true };
    try {
      const answer = await question;
      if (turn === latest) {
        into.value = { busy: false, answer, refused: null };
      }
    } catch (error) {
      if (turn === latest) {
        into.value = { busy: false, answer: null, refused: error instanceof Refused ? error : new Refused({ code: "internal", message: String(error) }) };
      }
    }
  };
}

const askFigures = asker(figures);
const askSeries = asker(series);

/** Follows from now on. */
export function start(): void {
  effect(() => {
    const { ids } = counted.value;
    void askFigures(ids.length === 0 ? null : ask("figures", { replies: ids }));
  });
  effect(() => {
    const asked = request.value;
    void askSeries(asked === null ? null : ask("series", { replies: counted.peek().ids, request: asked }));
  });
  effect(() => {
    const samples = replies.value.flatMap(({ origin }) => (origin.from === "sample" ? [origin.sample] : []));
    const address = writeView(view.value, samples);
    if (address !== location.search) {
      history.replaceState(null, "", `${location.pathname}${address}${location.hash}`);
    }
  });
}
