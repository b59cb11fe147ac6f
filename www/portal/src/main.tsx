import { render } from "preact";
import { App } from "./views/app.js";
import { bringSamples } from "./bring.js";
import { start } from "./state.js";
import { samplesIn } from "./url.js";

bringSamples(samplesIn(location.search));
start();
render(<App />, document.getElementById("portal") as HTMLElement);
