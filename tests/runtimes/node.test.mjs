import { test } from "node:test";
import { rules } from "./discover.mjs";

for (const { name, keep } of await rules()) {
  test(name, () => keep());
}
