// What `meterglot/sources` means to the compiler. A declaration, since bundlers follow tsconfig.json's paths to anything else.
export * from "./sources/index.js";
