// Manners, in Chromium.
import * as chromium from "./chromium.mjs";
import { promisesOfManners } from "./manners.mjs";
import { visitor } from "./visitor.mjs";

promisesOfManners(visitor(chromium), chromium);
