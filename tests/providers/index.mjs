// Five usage APIs to test against: `serve()` starts them, `createProviders()` gives the apps alone.
export { createProviders } from "./providers.mjs";
export { serve } from "./serve.mjs";
