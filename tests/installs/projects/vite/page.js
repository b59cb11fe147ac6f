import { usage } from "./usage.js";

const show = (text) => {
  document.title = text;
};
usage().then(show, (error) => show(`failed: ${error.message}`));
