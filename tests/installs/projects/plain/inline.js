// Nothing is awaited: the module is part of the code.
import { convert, version } from "meterglot/inline";

console.log(convert("1", "GiBy", "By"), version);
