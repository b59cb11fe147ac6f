// What may be passed as a body, and what an error says to pass instead.
const ROWS = [{ AcctNum: 1, BucketNum: 2, Bucket: "b", Region: "r", StartTime: "2020-01-01T00:00:00Z", EndTime: "2020-01-02T00:00:00Z", NumAPICalls: 7 }];
const BODY = JSON.stringify(ROWS);

export default ({ rule, assert, meterglot }) => {
  const { Listing, detect, normalize, parse } = meterglot;
  const bytes = new TextEncoder().encode(BODY);

  const refusal = (work) => {
    try {
      work();
    } catch (error) {
      assert.equal(error.code, "invalid-option");
      return error.message;
    }
    return assert.fail("nothing was thrown");
  };

  rule("what_holds_a_body_is_refused_by_its_name_and_says_how_to_get_the_bytes", () => {
    const stream = () => new ReadableStream();
    for (const [value, ...words] of [
      [new Response(BODY), "a Response", "await response.arrayBuffer()", "normalizeStream"],
      [new Request("https://example.com"), "a Request", "await request.arrayBuffer()"],
      [Promise.resolve(BODY), "a Promise", "await it"],
      [new Blob([BODY]), "a Blob", "await blob.arrayBuffer()"],
      [stream(), "a stream", "normalizeStream"],
      [new URL("https://example.com"), "a URL", "fetch it"],
      [new Uint16Array(2), "a Uint16Array", "new Uint8Array(view.buffer, view.byteOffset, view.byteLength)"],
      [new DataView(new ArrayBuffer(2)), "a DataView", "new Uint8Array(view.buffer"],
      [{ pipe() {} }, "a stream of Node", "Readable.toWeb(stream)"],
      [ROWS[0], "an object", "as they came, not parsed"],
    ]) {
      for (const call of [normalize, parse, detect]) {
        const message = refusal(() => call(value));
        for (const word of ["expected a Uint8Array, an ArrayBuffer or a string", ...words]) {
          assert.include(message, word);
        }
      }
    }
  });

  rule("parsed_json_in_the_place_of_bodies_is_refused", () => {
    assert.match(
      refusal(() => normalize(ROWS)),
      /^body\[0\]: .*found an object: .*not parsed/,
    );
    assert.match(
      refusal(() => parse(ROWS)),
      /found an array: .*not parsed/,
    );
    assert.match(
      refusal(() => normalize(JSON.parse('{"list":[]}'))),
      /not parsed/,
    );
  });

  rule("a_chunk_that_is_no_bytes_says_what_to_pass_instead", () => {
    const listing = () => new Listing({ to: "records" }).begin();
    assert.match(
      refusal(() => listing().push(new Response(BODY))),
      /a Response: pass `await response.arrayBuffer\(\)`/,
    );
    assert.match(
      refusal(() => listing().push(new Uint16Array(1))),
      /a Uint16Array: pass `new Uint8Array/,
    );
  });

  rule("nothing_else_changes_the_answer_of_a_refusal", () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error("own code");
        },
      },
    );
    for (const value of [null, undefined, 7, true, Symbol("x"), () => {}, hostile]) {
      assert.include(
        refusal(() => normalize(value)),
        "expected a Uint8Array, an ArrayBuffer or a string",
      );
    }
  });

  rule("bytes_of_every_kind_are_read", () => {
    const wide = new Uint8Array(bytes.length + 2);
    wide.set(bytes, 1);
    const bodies = [BODY, bytes, bytes.buffer.slice(0), wide.subarray(1, 1 + bytes.length)];
    if (typeof Buffer !== "undefined") {
      bodies.push(Buffer.from(BODY));
    }
    for (const body of bodies) {
      const table = normalize(body);
      assert.deepEqual(
        table.records().map(({ metric, quantity }) => [metric, quantity]),
        [["api.calls", "7"]],
      );
      table.free();
    }
  });

  rule("a_table_prints_its_format_and_length", () => {
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    const table = normalize(BODY);
    assert.equal(String(table), "[object UsageTable]");
    assert.equal(table[inspect](), 'UsageTable { format: "wasabi.bucket-daily", length: 1, issues: 0, duplicates: 0 }');
    assert.deepEqual(Object.keys(table), []);
    const empty = normalize("", { onError: "collect" });
    assert.equal(empty[inspect](), "UsageTable { format: null, length: 0, issues: 1, duplicates: 0 }");
    for (const one of [table, empty]) {
      one.free();
      assert.equal(one[inspect](), "UsageTable (freed)");
    }
    assert.equal(Object.getPrototypeOf(table)[inspect](), "UsageTable");
  });

  // In a browser or workerd the console is the host's, and cannot be read here.
  const shown =
    typeof Bun !== "undefined" ? Bun.inspect : typeof Deno !== "undefined" ? Deno.inspect : globalThis.process?.getBuiltinModule?.("node:util")?.inspect;
  rule("the_console_prints_that_text", () => {
    const table = normalize(BODY);
    if (shown !== undefined) {
      assert.include(shown(table), 'format: "wasabi.bucket-daily", length: 1');
      assert.include(shown({ table }), "length: 1");
    }
    table.free();
  });
};
