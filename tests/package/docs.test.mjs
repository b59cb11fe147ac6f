// What the README and the documentation show is what happens: each program that has its output below it is run, and each link leads somewhere.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .filter((name) => name.endsWith(".md") && !/^(node_modules|reference)\//.test(name))
    .map((name) => join("docs", name)),
];
const textOf = (page) => readFileSync(join(root, page), "utf8");

// The programs run where a reader of the recipes would have the package and the sample replies.
const folder = mkdtempSync(join(tmpdir(), "meterglot-docs-"));
after(() => rmSync(folder, { recursive: true }));
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
symlinkSync(join(root, "tests/fixtures/provider-docs"), join(folder, "replies"));

/** Programs in JavaScript, each with the block of plain text that follows it at once. */
const programs = (page) =>
  Array.from(
    textOf(page).matchAll(/(?:^#+ (?<heading>.*)$(?:(?!^#+ )[\s\S])*?)?^```js\n(?<code>[\s\S]*?)^```\n\n^```\n(?<output>[\s\S]*?)^```$/gm),
    ({ groups }) => groups,
  );

for (const page of pages) {
  for (const [index, { heading, code, output }] of programs(page).entries()) {
    test(`${page}: the program ${index + 1} prints what the page says: ${heading ?? ""}`, () => {
      const file = join(folder, "program.mjs");
      writeFileSync(file, code);
      const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
      assert.equal(stderr, "");
      assert.equal(stdout, output);
    });
  }
}

test("the README's example, the ten recipes and a program of each provider are among those that are run", () => {
  assert.ok(programs("README.md").length >= 1);
  assert.equal(programs("docs/recipes.md").length, 10);
  for (const page of pages.filter((page) => page.startsWith("docs/providers/"))) {
    assert.equal(programs(page).length, 1, page);
  }
});

/** The anchor that a heading gets: lower case, words joined by hyphens. */
const slug = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

const anchorsOf = (page) => {
  const text = textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
  return new Set([
    ...Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id]) => id),
    ...Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading]) => slug(heading)),
  ]);
};

test("every link between pages leads to a file that is there, and to a heading that it has", () => {
  const broken = [];
  for (const page of pages) {
    const text = textOf(page)
      .replaceAll(/^```[\s\S]*?^```$/gm, "")
      .replaceAll(/`[^`\n]*`/g, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) {
        continue;
      }
      const [path, anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(root, file))) {
        broken.push(`${page}: ${target}`);
      } else if (anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor)) {
        broken.push(`${page}: ${target} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test("every section of the docs that code and tests cite exists", () => {
  const folders = ["src", "js", "tests", "fuzz", "xtask", "benches", "www"];
  const files = folders.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)));
  const cited = files
    .filter((name) => /\.(rs|m?js|tsx?)$/.test(name) && !/node_modules|docs\.test/.test(name))
    .flatMap((name) =>
      Array.from(readFileSync(join(root, name), "utf8").matchAll(/\b(docs\/[\w/-]+\.md)#([\w-]+)/g), ([, page, anchor]) => ({ name, page, anchor })),
    );
  assert.ok(cited.length > 50, `only ${cited.length} citations were found`);
  assert.deepEqual(
    cited.filter(({ page, anchor }) => !existsSync(join(root, page)) || !anchorsOf(page).has(anchor)),
    [],
  );
});

/** The names of a union type of texts. */
const namesOf = (file, type) => {
  const [, members] = new RegExp(`export type ${type} =([\\s\\S]*?);\\n`).exec(readFileSync(join(root, file), "utf8"));
  return Array.from(members.matchAll(/"([a-z\d-]+)"/g), ([, name]) => name);
};

for (const [part, file, type] of [
  ["The engine", "js/api.d.ts", "ErrorCode"],
  ["Sources", "js/sources/errors.ts", "SourceErrorCode"],
  ["The worker", "js/worker/problem.ts", "WorkerCode"],
  ["Notes", "js/api.d.ts", "Note"],
]) {
  test(`the troubleshooting page has an entry for every ${type}, and for no other`, () => {
    const text = textOf("docs/troubleshooting.md")
      .split(/^## /m)
      .find((text) => text.startsWith(`${part}\n`));
    const entries = Array.from(text.matchAll(/^### (.*)$/gm), ([, heading]) => heading.split(", ")).flat();
    const names = namesOf(file, type);
    assert.ok(names.length > 4);
    assert.deepEqual(entries.sort(), names.sort());
  });
}
