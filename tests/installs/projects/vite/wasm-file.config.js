// The module as a file of its own, streamed while it compiles, in the place of a chunk of code.
import { defaultClientConditions } from "vite8";

export default { resolve: { conditions: ["wasm-file", ...defaultClientConditions] } };
