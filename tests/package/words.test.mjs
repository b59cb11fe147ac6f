// Messages, the words of the portal, README and docs use standard terms. words.json has the phrases that they do not use, and what to write instead.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseSync } from "rolldown/utils";

const root = fileURLToPath(new URL("../../", import.meta.url));
const phrases = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));

const filesIn = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => ending.test(name) && !/node_modules|docs\/reference|docs\/\.vitepress/.test(name));

/** The string literals of a Rust file, without its tests and comments. */
function rustTexts(text) {
  const code = text.split(/^#\[cfg\(test\)\]\nmod /m)[0];
  // Comments and characters come first, so that a quote in them begins no string.
  const tokens = code.matchAll(/\/\/.*|'(?:\\.[^']*|[^\\'])'|r#"([\s\S]*?)"#|"((?:[^"\\]|\\[\s\S])*)"/g);
  return Array.from(tokens, ([, raw, plain]) => raw ?? plain?.replaceAll(/\\\n\s*/g, "")).filter((found) => found !== undefined);
}

/** The texts of a TypeScript file: string and template literals, and the text of elements. */
function scriptTexts(text, name) {
  const { program, errors } = parseSync(name, text, { lang: name.endsWith("x") ? "tsx" : "ts" });
  assert.deepEqual(errors, [], name);
  const textOf = { Literal: (node) => node.value, TemplateElement: (node) => node.value.cooked, JSXText: (node) => node.value };
  const found = [];
  const visit = (node) => {
    if (typeof node === "object" && node !== null) {
      found.push(textOf[node.type]?.(node));
      Object.values(node).forEach(visit);
    }
  };
  visit(program);
  return found.filter((value) => typeof value === "string");
}

const sources = [
  ["messages of the engine", filesIn("src", /\.rs$/), rustTexts],
  ["messages of the package", filesIn("js", /(?<!\.d)\.ts$/), scriptTexts],
  ["words of the portal", filesIn("www/portal/src", /(?<!\.d)\.tsx?$/), scriptTexts],
  ["README and docs", [...readdirSync(root).filter((name) => name.endsWith(".md")), ...filesIn("docs", /\.md$/)], (text) => text.split("\n\n")],
];

for (const [name, files, textsOf] of sources) {
  test(`${name} have none of the phrases in words.json`, () => {
    const all = files.flatMap((file) => textsOf(readFileSync(join(root, file), "utf8"), file).map((text) => [file, text.replaceAll(/\s+/g, " ")]));
    assert.ok(all.length > 50, `only ${all.length} texts were found`);
    const wrong = all.flatMap(([file, text]) =>
      phrases.flatMap(({ not, write }) => {
        const match = new RegExp(`\\b(?:${not})\\b`, "i").exec(text);
        return match === null ? [] : [`${file}: "${text.slice(0, 200)}" has "${match[0]}"; write ${write}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });
}
