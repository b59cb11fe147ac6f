// `meterglot/inline`, and Node's entry inside a bundle: the module is part of the code, and loaded with it.
import { embeddedModule } from "./embedded.js";
import { initSync } from "./engine.js";

initSync(embeddedModule());

export * from "./index.js";
