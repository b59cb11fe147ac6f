// Manners, in Firefox.
import * as firefox from "./firefox.mjs";
import { promisesOfManners } from "./manners.mjs";
import { visitor } from "./visitor.mjs";

firefox.inFirefox("manners", () => promisesOfManners(visitor(firefox), firefox, { axeWidths: [820] }));
