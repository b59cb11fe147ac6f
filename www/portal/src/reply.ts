import type { Body, Progress, ReplyRead, Settings } from "./engine/protocol.js";

/** How a reply came here. */
export type Origin =
  | { from: "file" | "paste" }
  | { from: "sample"; sample: string }
  | { from: "source"; edge: string; source: string; query: Record<string, string> };

export interface Reply {
  id: number;
  name: string;
  origin: Origin;
  bodies: Body[];
  /** Fetches its bodies, where they are not at hand when it is brought. Kept, so that it can be tried again. */
  load: (() => Promise<Body[]>) | null;
  settings: Settings;
  /** Whether its records count in what is shown. */
  included: boolean;
  state: { is: "reading"; progress: Progress | null } | { is: "read"; read: ReplyRead } | { is: "refused"; code: string; message: string };
}
