import { usage } from "./usage.js";

usage().then((text) => console.log(text));
