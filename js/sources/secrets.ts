/** A secret shorter than this is not looked for in texts: it would be found everywhere. */
const SHORTEST = 4;

/** So much of a secret's beginning is taken for the secret: a text may have been cut in the midst of it. */
const TELLING = 8;

const BLOT = "[secret]";

/** What must not be seen: in no error, no log, no URL. */
export class Secrets {
  readonly #shapes = new Set<string>();

  /** Remembers a secret in every shape it is sent in: as it is, in a form, in JSON. */
  add(secret: string): void {
    shapesOf(secret).forEach((shape) => this.#shapes.add(shape));
  }

  /** Forgets a secret that is of no use any more. */
  forget(secret: string): void {
    shapesOf(secret).forEach((shape) => this.#shapes.delete(shape));
  }

  /** The text with each secret blotted out: where it stands whole, then where its end is cut off. */
  hide(text: string): string {
    const longestFirst = [...this.#shapes].sort((a, b) => b.length - a.length);
    const withoutWhole = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, BLOT), text);
    return longestFirst.reduce(blotBeginnings, withoutWhole);
  }

  /** An error that tells what happened, and nothing else: what a runtime's own error carries may hold the request. */
  causeOf(error: unknown): Error {
    return new Error(this.hide(storyOf(error)));
  }
}

function shapesOf(secret: string): string[] {
  const inForm = new URLSearchParams([["", secret]]).toString().slice(1);
  const shapes = [secret, inForm, JSON.stringify(secret).slice(1, -1)];
  return shapes.filter((shape) => shape.length >= SHORTEST);
}

function blotBeginnings(text: string, secret: string): string {
  const [first = "", ...parts] = text.split(secret.slice(0, TELLING));
  const tail = secret.slice(TELLING);
  return first + parts.map((part) => `${BLOT}${part.slice(commonStart(part, tail))}`).join("");
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) {
    length += 1;
  }
  return length;
}

/** An error's message, and those of what caused it. */
function storyOf(error: unknown): string {
  const story: string[] = [];
  for (let part = error; part instanceof Error && story.length < 5; part = part.cause) {
    const code = "code" in part && typeof part.code === "string" && !part.message.includes(part.code) ? ` (${part.code})` : "";
    story.push(`${part.message || part.name}${code}`);
  }
  return story.length > 0 ? story.join(": ") : "something that is no error was thrown";
}
