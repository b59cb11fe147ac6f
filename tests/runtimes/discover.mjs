// Finds the rule files and fixtures where there is a file system: Node, Deno and Bun.
import { readdirSync, readFileSync } from "node:fs";
import { assert } from "chai";
import * as meterglot from "meterglot";
import { collect } from "./collect.mjs";

const tests = new URL("../", import.meta.url);

const ENDING = ".rules.mjs";

/** The rule files' names, in one fixed order. */
export function ruleFiles() {
  return readdirSync(new URL("rules/", tests))
    .filter((name) => name.endsWith(ENDING))
    .sort();
}

export function topicOf(file) {
  return file.slice(0, -ENDING.length);
}

export function fixture(name) {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}`, tests)));
}

export async function rules() {
  const files = [];
  for (const file of ruleFiles()) {
    const { default: define } = await import(new URL(`rules/${file}`, tests).href);
    files.push([topicOf(file), define]);
  }
  return collect(files, { assert, meterglot, fixture });
}
