import { assert } from "chai";
import * as meterglot from "meterglot";
import { files, fixtures } from "rules-and-fixtures";
import { collect, fixtureOf, run } from "../collect.mjs";

/** Called by the runner outside the page, each in a page of its own. */
Object.assign(globalThis, {
  async everyRule() {
    await meterglot.init();
    return run(collect(files, { assert, meterglot, fixture: fixtureOf(fixtures) }));
  },

  /** Loads the engine and reads one body; an error is reported as name, code and message. */
  async loadAndDetect(source) {
    try {
      await meterglot.init(source === undefined ? undefined : new URL(source, location.href));
      return { detected: meterglot.detect('{"page":1,"page_size":1,"count":0,"list":[]}')?.format };
    } catch ({ name, code, message }) {
      return { name, code, message };
    }
  },

  /** Calls before the engine is loaded. */
  callTooEarly() {
    try {
      return meterglot.detect("{}");
    } catch ({ name, code, message }) {
      return { name, code, message };
    }
  },

  async loadManyTimes() {
    await Promise.all([meterglot.init(), meterglot.init(), meterglot.init()]);
    await meterglot.init();
    return meterglot.detect("{}");
  },

  async loadAtOnce() {
    const response = await fetch("meterglot.wasm");
    meterglot.initSync(await response.arrayBuffer());
    return meterglot.detect("{}");
  },
});
