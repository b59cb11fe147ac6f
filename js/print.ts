/** What Node, Deno and Bun ask of an object that is printed. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Gives a class the name and the description under which a console prints its instances, on its prototype, where nothing enumerates them. */
export function printAs<Instance>(type: { prototype: Instance }, name: string, describe: (instance: Instance) => string): void {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(type.prototype, INSPECT, {
    value(this: Instance) {
      // The prototype itself is printed too, where someone prints the class's members.
      return this === type.prototype ? name : describe(this);
    },
    configurable: true,
    writable: true,
  });
}
