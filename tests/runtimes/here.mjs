// Every rule in the runtime that runs this file: Node, Deno or Bun.
// usage: node here.mjs [part of a rule's name]
import process from "node:process";
import { chosen, report, run } from "./collect.mjs";
import { rules } from "./discover.mjs";

process.exitCode = report(await run(chosen(await rules(), process.argv[2]))) ? 0 : 1;
