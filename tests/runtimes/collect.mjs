// A rule file does not depend on a test runner. Here its rules become a list that any runner can run.

/**
 * The rules of several files, in order.
 *
 * @param files pairs of a topic and the function the rule file exports
 * @param context what a rule file is given: `assert`, `meterglot`, `fixture`
 */
export function collect(files, context) {
  const rules = new Map();
  const add = (name, keep) => {
    if (rules.has(name)) {
      throw new Error(`two rules are called ${name}`);
    }
    rules.set(name, keep);
  };
  for (const [topic, define] of files) {
    let count = 0;
    try {
      define({
        ...context,
        rule(name, keep) {
          count += 1;
          add(`${topic}: ${name}`, keep);
        },
      });
      if (count === 0) {
        throw new Error("it holds no rule");
      }
    } catch (error) {
      add(`${topic}: the file is read to its end`, () => {
        throw error;
      });
    }
  }
  if (rules.size === 0) {
    throw new Error("there are no rules at all");
  }
  return Array.from(rules, ([name, keep]) => ({ name, keep }));
}

/** Gives the fixtures of a map by name, each time as fresh bytes. */
export function fixtureOf(fixtures) {
  return (name) => {
    const bytes = fixtures.get(name);
    if (bytes === undefined) {
      throw new Error(`there is no fixture ${name}`);
    }
    return bytes.slice();
  };
}

/** The rules whose name contains a text; all rules if there is no text. */
export function chosen(rules, text = "") {
  return rules.filter(({ name }) => name.includes(text));
}

/** Runs rules one after the other where there is no test runner: each with what it threw, or null. */
export async function run(rules) {
  const results = [];
  for (const { name, keep } of rules) {
    try {
      await keep();
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: error instanceof Error ? (error.stack ?? String(error)) : String(error) });
    }
  }
  return results;
}

/** Prints results as TAP, the Test Anything Protocol. True where no rule failed. */
export function report(results) {
  console.log("TAP version 13");
  results.forEach(({ name, error }, index) => {
    const point = `${index + 1} - ${name.replaceAll("#", "\\#")}`;
    if (error === null) {
      console.log(`ok ${point}`);
    } else {
      const details = error.split("\n").map((line) => `    ${line}`);
      console.log([`not ok ${point}`, "  ---", "  error: |-", ...details, "  ..."].join("\n"));
    }
  });
  console.log(`1..${results.length}`);
  return results.every(({ error }) => error === null);
}
