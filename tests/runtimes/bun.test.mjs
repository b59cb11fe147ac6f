import { test } from "bun:test";
import { rules } from "./discover.mjs";

for (const { name, keep } of await rules()) {
  test(name, async () => {
    await keep();
  });
}
