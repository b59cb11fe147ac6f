// What goes wrong while the page is open, in Firefox.
import * as firefox from "./firefox.mjs";
import { promisesOfTrouble } from "./trouble.mjs";

firefox.inFirefox("trouble", () => promisesOfTrouble(firefox));
