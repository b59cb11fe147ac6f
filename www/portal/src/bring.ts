/** The ways that data comes into the page. */
import { batch } from "@preact/signals";
import type { Body } from "./engine/protocol.js";
import { bodyOf, ONE_OF_EACH, SAMPLES } from "./samples/index.js";
import { announcement, bring, replies } from "./state.js";

/** Files that are added in one task. Each adds a card and starts to be read, so hundreds in one task would block the page. */
const FILES_A_TASK = 10;

export function bringFiles(files: Iterable<File>): void {
  const all = [...files];
  batch(() => {
    for (const file of all.slice(0, FILES_A_TASK)) {
      void bring([{ name: file.name, blob: file, request: "", requestBody: "" }], file.name, { from: "file" });
    }
  });
  if (all.length > FILES_A_TASK) {
    setTimeout(() => bringFiles(all.slice(FILES_A_TASK)));
  }
}

let pasted = 0;

export function bringText(text: string): void {
  if (text.trim() === "") {
    announcement.value = "There is no text to read.";
    return;
  }
  const name = `Pasted text ${++pasted}`;
  void bring([{ name, blob: new Blob([text]), request: "", requestBody: "" }], name, { from: "paste" });
}

/** Brings samples by their names, some of them not to be counted; one that is here already is not brought twice. */
export function bringSamples(ids: string[], without: string[] = []): void {
  for (const id of ids) {
    const sample = SAMPLES.find((candidate) => candidate.id === id);
    const here = replies.peek().some(({ origin }) => origin.from === "sample" && origin.sample === id);
    if (sample !== undefined && !here) {
      void bring(
        async (): Promise<Body[]> => [await bodyOf(sample)],
        sample.file,
        { from: "sample", sample: id },
        { settings: sample.settings ?? {}, included: !without.includes(id) },
      );
    }
  }
}

export function bringOneOfEach(): void {
  bringSamples(ONE_OF_EACH);
}

/** What was dropped: files, or text from another window. */
export function bringDropped(data: DataTransfer): void {
  if (data.files.length > 0) {
    bringFiles(data.files);
  } else {
    bringText(data.getData("text/plain"));
  }
}
