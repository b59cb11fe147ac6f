import { errorFromEngine, invalidOption, MeterglotError } from "./errors.js";
import * as glue from "./glue.js";

export type Engine = typeof glue;

let loaded = false;
let loading: Promise<void> | undefined;
let generation = 0;
let defaultModule: (() => ModuleSource | Promise<ModuleSource>) | undefined;

/** What `init` can load the engine from. */
type ModuleSource = URL | Response | WebAssembly.Module | ArrayBuffer | ArrayBufferView;

const WAYS_OUT =
  "import `meterglot/inline`, which holds the module, or give `init` the module, its bytes or the URL of `meterglot/meterglot.wasm`; docs/BUNDLERS.md has a recipe for each bundler";

/** Sets what is loaded when `init` has no argument. */
export function setDefaultModule(find: () => ModuleSource | Promise<ModuleSource>): void {
  defaultModule = find;
}

export function initSync(module: WebAssembly.Module | ArrayBuffer | ArrayBufferView): void {
  if (loaded) {
    return;
  }
  const compiled = isModule(module) ? (module as WebAssembly.Module) : compileSync(module as BufferSource);
  const stranger = "this WebAssembly module is not the engine of this package";
  // Checked first, because the glue keeps a module once it has started it, even if it is the wrong one.
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

export function init(module?: ModuleSource): Promise<void> {
  if (loaded) {
    return Promise.resolve();
  }
  loading ??= load(module).finally(() => {
    loading = undefined;
  });
  return loading;
}

async function load(module: ModuleSource | undefined): Promise<void> {
  if (module === undefined && defaultModule === undefined) {
    throw invalidOption(`init: expected the module, found nothing; ${WAYS_OUT}`);
  }
  let found = "no module";
  let compiled: WebAssembly.Module;
  try {
    const source = module ?? (await defaultModule!());
    if (isModule(source)) {
      compiled = source as WebAssembly.Module;
    } else if (source instanceof URL || source instanceof Response) {
      found = `nothing at ${addressOf(source)}`;
      const response = source instanceof URL ? await fetch(source) : source;
      found = `status ${response.status} and ${response.headers.get("content-type") ?? "no media type"} at ${addressOf(source)}`;
      compiled = await compile(response);
    } else {
      found = "something else";
      compiled = await WebAssembly.compile(source as BufferSource);
    }
  } catch (cause) {
    throw invalidOption(`init: expected a WebAssembly module, found ${found}; ${WAYS_OUT}`, cause);
  }
  initSync(compiled);
}

async function compile(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new Error(`${response.url} answered with status ${response.status}`);
  }
  // Compiling while it downloads needs the right media type, which not every server sends.
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? await WebAssembly.compileStreaming(response)
    : await WebAssembly.compile(await response.arrayBuffer());
}

/** The origin of a module, for a message. */
function addressOf(source: URL | Response): string {
  const address = source instanceof URL ? source.href : source.url;
  return address === "" ? "no address" : address.length > 200 ? `${address.slice(0, 200)}…` : address;
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
 * Calls the engine. Its errors are thrown as {@link MeterglotError}. After a trap the engine is restarted, and
 * everything in its memory is lost.
 */
export function call<Result>(work: (engine: Engine) => Result): Result {
  if (!loaded) {
    throw invalidOption("the engine is not loaded: call and await `init()` first, or import `meterglot/inline`, which loads it on import");
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
    throw new MeterglotError("the engine failed and was restarted; the next call works", { code: "internal", cause: thrown });
  }
}

/** Counts the engine's restarts: values of an earlier generation are lost. */
export function currentGeneration(): number {
  return generation;
}
