// Usage from a source, in Firefox.
import { test } from "node:test";
import { beforeAnEdge, promisesOfSources } from "./edge.mjs";
import * as firefox from "./firefox.mjs";

if (firefox.missing) {
  test("sources_in_firefox", { skip: firefox.missing }, () => {});
} else {
  promisesOfSources(beforeAnEdge(firefox), firefox);
}
