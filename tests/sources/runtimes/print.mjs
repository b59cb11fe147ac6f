// For runtimes with a command line: the world comes as an argument, the answers go to standard output.
import { ask } from "./ask.mjs";

const [world] = (globalThis.Deno?.args ?? process.argv.slice(2)).slice(-1);
console.log(JSON.stringify(await ask(JSON.parse(world))));
