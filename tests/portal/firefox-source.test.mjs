// Usage from a source, in Firefox.
import { beforeAnEdge, promisesOfSources } from "./edge.mjs";
import * as firefox from "./firefox.mjs";

firefox.inFirefox("sources", () => promisesOfSources(beforeAnEdge(firefox), firefox));
