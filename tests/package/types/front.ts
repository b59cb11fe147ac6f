// The TypeScript front gives exactly what the reviewed types declare: no value less, no value more.
import type * as declared from "../../../js/api.js";
import * as front from "../../../js/index.ts";

export const given: typeof declared = front;

type Undeclared = Exclude<keyof typeof front, keyof typeof declared>;
export const nothing: [Undeclared] extends [never] ? true : Undeclared = true;
