// The types of `meterglot/sources`. A declaration file, because bundlers follow the paths of tsconfig.json to any other file.
export * from "./sources/index.js";
