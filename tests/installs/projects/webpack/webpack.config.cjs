const path = require("node:path");
const output = (name) => ({ path: path.join(__dirname, "dist"), filename: `${name}.js` });

module.exports = [
  { mode: "production", target: "web", entry: "./page.js", output: output("page"), performance: { hints: false } },
  { mode: "production", target: "node", entry: "./page.js", output: output("server") },
];
