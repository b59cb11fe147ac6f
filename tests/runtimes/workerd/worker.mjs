import { assert } from "chai";
import * as meterglot from "meterglot";
import { files, fixtures } from "rules-and-fixtures";
import { collect, fixtureOf, run } from "../collect.mjs";

export default {
  async fetch() {
    return Response.json(await run(collect(files, { assert, meterglot, fixture: fixtureOf(fixtures) })));
  },
};
