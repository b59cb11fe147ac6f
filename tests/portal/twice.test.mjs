// Usage that is reported twice, in Chromium.
import * as chromium from "./chromium.mjs";
import { promisesOfTwice } from "./twice.mjs";
import { visitor } from "./visitor.mjs";

promisesOfTwice(visitor(chromium), chromium);
