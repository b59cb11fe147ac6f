import { expect, test } from "vitest";
import { usage } from "./usage.js";

test("usage", async () => {
  expect(await usage()).toBe("api.calls sum 166 {call}; storage.stored mean 2 GiBy");
});
