// What the README shows is what happens: its example is run, its output compared.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");

test("the_example_prints_what_the_readme_says", () => {
  const example = readme.split("<!-- example:start -->")[1].split("<!-- example:end -->")[0];
  const [, code, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(example);
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: root, encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(stdout, output);
});
