import { render } from "preact";
import { App } from "./views/app.js";
import { bringSamples } from "./bring.js";
import { start as list } from "./list.js";
import { start } from "./state.js";
import { samplesIn } from "./url.js";

const { samples, without } = samplesIn(location.search);
bringSamples(samples, without);
start();
list();
render(<App />, document.getElementById("portal") as HTMLElement);
