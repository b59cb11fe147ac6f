// What goes wrong while the page is open, in Chromium.
import * as chromium from "./chromium.mjs";
import { promisesOfTrouble } from "./trouble.mjs";

promisesOfTrouble(chromium);
