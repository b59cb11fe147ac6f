// Babel converts ES modules to CommonJS, also those of the package. Its inline entry needs no path of its own.
module.exports = {
  moduleNameMapper: { "^meterglot$": "meterglot/inline" },
  transformIgnorePatterns: ["/node_modules/(?!meterglot/)"],
};
