/** The method that Node, Deno and Bun call to print an object. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Sets the name and the description with which a console prints instances of a class. They are on the prototype, and not enumerable. */
export function printAs<Instance>(type: { prototype: Instance }, name: string, describe: (instance: Instance) => string): void {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(type.prototype, INSPECT, {
    value(this: Instance) {
      // The prototype itself may be printed too.
      return this === type.prototype ? name : describe(this);
    },
    configurable: true,
    writable: true,
  });
}
