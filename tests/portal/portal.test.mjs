// The portal in Chromium, as a person meets it.
import * as chromium from "./chromium.mjs";
import { promises } from "./promises.mjs";
import { promisesOfViews } from "./views.mjs";
import { visitor } from "./visitor.mjs";

const visit = visitor(chromium);

promises(visit, chromium);
promisesOfViews(visit, chromium);
