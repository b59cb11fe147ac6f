// How long tasks take, in Chromium.
import * as chromium from "./chromium.mjs";
import { promisesOfTasks } from "./tasks.mjs";
import { visitor } from "./visitor.mjs";

promisesOfTasks(visitor(chromium), chromium);
