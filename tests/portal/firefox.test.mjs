// The portal in Firefox, as a person meets it.
import * as firefox from "./firefox.mjs";
import { promisesOfFormats } from "./formats.mjs";
import { promises } from "./promises.mjs";
import { promisesOfViews } from "./views.mjs";
import { visitor } from "./visitor.mjs";

firefox.inFirefox("the_portal", () => {
  const visit = visitor(firefox);
  promises(visit, firefox);
  promisesOfViews(visit, firefox);
  promisesOfFormats(visit, firefox);
});
