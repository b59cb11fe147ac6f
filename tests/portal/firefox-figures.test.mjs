// The information that the portal shows with its figures, in Firefox.
import { promisesOfFigures } from "./figures.mjs";
import * as firefox from "./firefox.mjs";
import { visitor } from "./visitor.mjs";

firefox.inFirefox("the_figures", () => promisesOfFigures(visitor(firefox), firefox));
