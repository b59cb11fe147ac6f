// The portal in Firefox, as a person meets it.
import { test } from "node:test";
import * as firefox from "./firefox.mjs";
import { promises } from "./promises.mjs";
import { visitor } from "./visitor.mjs";

if (firefox.missing) {
  test("the_portal_in_firefox", { skip: firefox.missing }, () => {});
} else {
  promises(visitor(firefox), firefox);
}
