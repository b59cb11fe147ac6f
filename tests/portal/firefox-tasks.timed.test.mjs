// How long tasks take, in Firefox.
import * as firefox from "./firefox.mjs";
import { promisesOfTasks } from "./tasks.mjs";
import { visitor } from "./visitor.mjs";

firefox.inFirefox("tasks", () => promisesOfTasks(visitor(firefox), firefox));
