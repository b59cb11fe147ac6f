// ES modules turned into CommonJS by Babel: the package too, and its inline entry, which does not ask where it stands.
module.exports = {
  moduleNameMapper: { "^meterglot$": "meterglot/inline" },
  transformIgnorePatterns: ["/node_modules/(?!(meterglot|ky)/)"],
};
