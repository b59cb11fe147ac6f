// Whether the demo goes on until it is ended.

/** Asked for, it always does; else where a person is at a terminal, and not where a script or CI runs it and would wait for ever. */
export function stays({ serve, input, output, environment }) {
  return serve || (input.isTTY === true && output.isTTY === true && (environment.CI ?? "") === "");
}
