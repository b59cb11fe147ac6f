// A browser's entry inside a bundle. `init()` loads the module as code, because bundlers treat `import()` alike, but other files differently.
import { setDefaultModule } from "./engine.js";

setDefaultModule(async () => (await import("./embedded.js")).embeddedModule());

export * from "./index.js";
