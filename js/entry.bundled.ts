// A browser's entry inside a bundle. `init()` loads the module as code: bundlers agree about `import()`, not about other files.
import { setDefaultModule } from "./engine.js";

setDefaultModule(async () => (await import("./embedded.js")).embeddedModule());

export * from "./index.js";
