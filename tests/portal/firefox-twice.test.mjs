// Usage that is reported twice, in Firefox.
import * as firefox from "./firefox.mjs";
import { promisesOfTwice } from "./twice.mjs";
import { visitor } from "./visitor.mjs";

firefox.inFirefox("usage_told_twice", () => promisesOfTwice(visitor(firefox), firefox));
