import { rules } from "./discover.mjs";

for (const { name, keep } of await rules()) {
  Deno.test(name, async () => {
    await keep();
  });
}
