import { errorFromEngine, invalidOption, MeterglotError } from "./errors.js";
import * as glue from "./glue.js";

export type Engine = typeof glue;

let loaded = false;
let loading: Promise<void> | undefined;
let generation = 0;
let defaultModule: (() => URL) | undefined;

/** Says where the module is fetched from when `init` is given nothing. */
export function setDefaultModule(locate: () => URL): void {
  defaultModule = locate;
}

export function initSync(module: WebAssembly.Module | BufferSource): void {
  if (loaded) {
    return;
  }
  const compiled = isModule(module) ? (module as WebAssembly.Module) : compileSync(module as BufferSource);
  const stranger = "this WebAssembly module is not the engine of this package";
  // Asked before, because the glue keeps what it once started, even where that went wrong.
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "normalize")) {
    throw invalidOption(stranger);
  }
  try {
    glue.initSync({ module: compiled });
  } catch (cause) {
    throw invalidOption(stranger, cause);
  }
  loaded = true;
}

export function init(module?: URL | Response | WebAssembly.Module | BufferSource): Promise<void> {
  if (loaded) {
    return Promise.resolve();
  }
  loading ??= load(module).finally(() => {
    loading = undefined;
  });
  return loading;
}

async function load(module: URL | Response | WebAssembly.Module | BufferSource | undefined): Promise<void> {
  const source = module ?? defaultModule?.();
  if (source === undefined) {
    throw invalidOption("init: expected the module, its bytes, or a URL of `meterglot/meterglot.wasm`, found nothing");
  }
  initSync(await compile(source));
}

async function compile(source: URL | Response | WebAssembly.Module | BufferSource): Promise<WebAssembly.Module> {
  if (isModule(source)) {
    return source as WebAssembly.Module;
  }
  try {
    const response = source instanceof URL ? await fetch(source) : source;
    if (!(response instanceof Response)) {
      return await WebAssembly.compile(response as BufferSource);
    }
    if (!response.ok) {
      throw new Error(`${response.url} answered with status ${response.status}`);
    }
    // Compiling while it downloads needs the right media type, which not every server sends.
    return response.headers.get("content-type")?.startsWith("application/wasm")
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw invalidOption("init: the WebAssembly module could not be loaded", cause);
  }
}

function compileSync(bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw invalidOption("initSync: expected a WebAssembly module or its bytes", cause);
  }
}

// Not a type guard: every object has the shape of a module.
function isModule(value: unknown): boolean {
  return value instanceof WebAssembly.Module;
}

/**
 * Calls into the engine. What it throws leaves as a {@link MeterglotError}; after a trap the engine starts anew, and
 * whatever lived in its memory is gone.
 */
export function call<Result>(work: (engine: Engine) => Result): Result {
  if (!loaded) {
    throw invalidOption("the engine is not loaded: call and await `init()` first");
  }
  try {
    return work(glue);
  } catch (thrown) {
    if (typeof thrown === "string") {
      throw errorFromEngine(thrown);
    }
    if (thrown instanceof MeterglotError) {
      throw thrown;
    }
    // Anything else left the engine's stack without unwinding it: a trap, or a full JavaScript stack.
    generation += 1;
    glue.__wbg_reset_state();
    throw new MeterglotError("the engine failed and was started anew; the next call works", { code: "internal", cause: thrown });
  }
}

/** Counts the engine's restarts: what was made in an earlier generation is gone. */
export function currentGeneration(): number {
  return generation;
}
