// Makes one number of a JavaScript peer wrong: the first body that is parsed stores a byte more than it says.
const { parse } = JSON;
JSON.parse = function (text, ...rest) {
  const value = parse.call(this, text, ...rest);
  if (Array.isArray(value) && typeof value[0]?.RawStorageSizeBytes === "number") {
    value[0].RawStorageSizeBytes += 2 ** 40;
  }
  return value;
};
