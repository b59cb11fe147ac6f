// docs/design.md#streaming-trailer: NDJSON that says at its end whether it is whole.
import { barracuda, bytes, concat, drain, rejects, text, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, normalizeStream, Listing } = meterglot;
  const env = { assert, meterglot };
  const DAY = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  const row = (bucket, calls = 1) => ({ ...DAY, bucket, NumAPICalls: calls });
  const rows = (count) => wasabi(...Array.from({ length: count }, (_, i) => row(i)));
  const cuts = (body, size) => Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(i * size, (i + 1) * size));
  const lines = async (options, chunks) => {
    const out = text(concat(await drain(normalizeStream({ to: "ndjson", trailer: true, ...options }), chunks)));
    assert.isTrue(out.endsWith("\n"));
    return out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  };

  rule("a_whole_text_ends_in_a_line_that_says_so", async () => {
    const body = bytes(rows(50));
    for (const size of [1, 97, body.length]) {
      const out = await lines({}, cuts(body, size));
      assert.deepEqual(out.at(-1), { complete: true, records: 50, issues: 0 });
      assert.deepEqual(out.slice(0, -1), normalize(body).records());
    }
    assert.deepEqual(await lines({}, [bytes("[]")]), [{ complete: true, records: 0, issues: 0 }]);
  });

  rule("without_a_trailer_there_is_none", async () => {
    for (const trailer of [undefined, false]) {
      const options = trailer === undefined ? { to: "ndjson" } : { to: "ndjson", trailer };
      assert.equal(text(concat(await drain(normalizeStream(options), [bytes(rows(2))]))), text(normalize(rows(2)).toNDJSON()));
    }
  });

  rule("a_fault_ends_the_text_in_a_line_that_names_it_after_the_rows_before_it", async () => {
    const body = bytes(rows(20));
    for (const cut of [0, 1, 700, body.length - 1]) {
      let due;
      try {
        normalize(body.subarray(0, cut));
      } catch (error) {
        due = error;
      }
      const sound = normalize(body.subarray(0, cut), { onError: "collect" });
      for (const size of [1, 100, body.length]) {
        const out = await lines({}, cuts(body.subarray(0, cut), size));
        const { complete, records, problem } = out.at(-1);
        assert.deepEqual([complete, records], [false, out.length - 1], `cut at ${cut}`);
        assert.deepEqual(out.slice(0, -1), sound.records(), `cut at ${cut}, chunks of ${size}`);
        const { code, message, pointer, line, column, offset } = due;
        assert.deepEqual(problem, { code, message, page: 0, pointer, line, column, offset });
      }
    }
  });

  rule("what_comes_after_the_fault_is_ignored", async () => {
    const out = await lines({}, [bytes(`${rows(3).slice(0, -1)},oops`), bytes(rows(3)), bytes(rows(3))]);
    assert.deepEqual([out.length, out.at(-1).complete, out.at(-1).problem.code], [4, false, "invalid-json"]);
  });

  rule("a_faulty_row_that_is_collected_leaves_the_text_whole_and_is_counted", async () => {
    const issues = [];
    const body = bytes(wasabi(row(1), row(2, '"many"'), row(3)));
    const out = await lines({ onError: "collect", onIssue: (issue) => issues.push(issue) }, cuts(body, 50));
    assert.deepEqual(out.at(-1), { complete: true, records: 2, issues: 1 });
    assert.equal(issues.length, 1);
  });

  rule("a_fault_that_is_collected_and_ends_the_reading_is_named", async () => {
    for (const [body, code] of [
      [`${rows(3).slice(0, -1)},`, "invalid-json"],
      ["<html></html>", "provider-error"],
      ["nothing known", "unknown-format"],
      ["", "unknown-format"],
    ]) {
      const issues = [];
      const out = await lines({ onError: "collect", onIssue: (issue) => issues.push(issue) }, [bytes(body)]);
      const { complete, records, problem, ...rest } = out.at(-1);
      assert.deepEqual([complete, records, rest], [false, out.length - 1, { issues: issues.length }], body);
      assert.equal(problem.code, code);
      assert.deepEqual(problem, issues.at(-1));
    }
  });

  rule("a_body_that_breaks_off_ends_the_text_in_a_line_that_says_so", async () => {
    const body = bytes(rows(50));
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue(body.subarray(0, body.length - 10));
      },
      pull(controller) {
        controller.error(new Error("secret.internal refused the connection"));
      },
    });
    const out = [];
    const reader = source.pipeThrough(normalizeStream({ to: "ndjson", trailer: true })).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      out.push(value);
    }
    const last = text(concat(out)).trimEnd().split("\n").at(-1);
    assert.equal(JSON.parse(last).complete, false);
    assert.notInclude(last, "secret");
  });

  rule("only_ndjson_has_a_trailer", async () => {
    for (const to of ["csv", "records"]) {
      await rejects(env, "invalid-option", () => normalizeStream({ to, trailer: true }));
      assert.isTrue(normalizeStream({ to, trailer: false }) instanceof TransformStream);
    }
    await rejects(env, "invalid-option", () => normalizeStream({ to: "ndjson", trailer: "yes" }));
  });

  rule("the_end_of_a_page_reports_the_fault_after_which_nothing_was_read", () => {
    const faultOf = (body) => {
      const listing = new Listing({ to: "table", onError: "collect" }).begin();
      listing.push(bytes(body));
      const { fault } = listing.end();
      listing.free();
      return fault;
    };
    assert.isNull(faultOf(rows(2)));
    assert.isNull(faultOf(wasabi(row(1), row(2, '"many"'))));
    assert.equal(faultOf(`${rows(2).slice(0, -1)},]`).code, "invalid-json");
  });

  rule("a_listing_gives_its_output_in_pieces_too", () => {
    const body = bytes(barracuda(Array.from({ length: 3000 }, (_, i) => [`${new Date(Date.UTC(2010, 0, 1 + i)).toISOString().slice(0, 19)}Z`, i])));
    for (const to of ["ndjson", "csv", "records"]) {
      const listing = new Listing({ to }).begin();
      const out = [...listing.pushPieces(body)];
      const end = listing.endPieces();
      let next = end.next();
      for (; !next.done; next = end.next()) out.push(next.value);
      assert.equal(next.value.rows, 3000);
      assert.isAbove(out.length, 2);
      const whole = normalize(body);
      if (to === "records") assert.deepEqual(out.flat(), whole.records());
      else assert.equal(text(concat(out)), text(to === "csv" ? whole.toCSV() : whole.toNDJSON()));
      listing.free();
    }
  });

  rule("pieces_are_taken_before_more_is_pushed", async () => {
    const listing = new Listing({ to: "ndjson" }).begin();
    const body = bytes(rows(4000));
    const pieces = listing.pushPieces(body);
    pieces.next();
    await rejects(env, "invalid-option", () => listing.push(body));
  });

  rule("no_piece_is_made_before_the_last_is_taken", async () => {
    const hours = Array.from({ length: 4000 }, (_, i) => new Date(Date.UTC(2024, 0, 1, i)).toISOString().replace(".000", ""));
    const counters = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s${i}`, hours.map(() => i)]));
    const issues = [];
    const body = bytes(JSON.stringify({ a: { success: true, params: { counters: { ...counters, short: [1] }, ts: hours } } }));
    const stream = normalizeStream({ to: "ndjson", onError: "collect", onIssue: (issue) => issues.push(issue) });
    const writer = stream.writable.getWriter();
    let written = false;
    writer.write(body).then(
      () => (written = true),
      () => {},
    );
    const reader = stream.readable.getReader();
    const { value } = await reader.read();
    for (let turn = 0; turn < 50; turn++) await null;
    assert.isAtMost(value.length, (1 << 20) + 4096);
    assert.deepEqual([written, issues.length], [false, 0], "the last counter has not been looked at");
    await reader.cancel();
  });

  rule("tiny_limits_give_one_result_however_a_body_is_cut", async () => {
    for (const name of [
      "provider-docs/barracuda-usage-history.json",
      "provider-docs/barracuda-usage-history.xml",
      "provider-docs/wasabi-bucket-daily.json",
      "made/onapp-summary.xml",
      "made/devicewise-hourly.json",
    ]) {
      const body = fixture(name);
      for (const maxRowBytes of [1, 2, 5, 9, 17, 40, 120, 300]) {
        const limits = { maxRowBytes };
        const table = normalize(body, { onError: "collect", limits });
        for (const size of [1, 3, 64, body.length]) {
          const issues = [];
          const stream = normalizeStream({ to: "ndjson", onError: "collect", limits, onIssue: (issue) => issues.push(issue) });
          const out = text(concat(await drain(stream, cuts(body, size))));
          assert.deepEqual(issues, table.issues, `${name}, ${maxRowBytes}, chunks of ${size}`);
          assert.equal(out, text(table.toNDJSON()), `${name}, ${maxRowBytes}, chunks of ${size}`);
        }
      }
    }
  });

  rule("max_row_bytes_bounds_a_row_and_not_what_is_left_of_a_chunk", async () => {
    const body = bytes(
      `[${" ".repeat(3000)}${rows(30)
        .slice(1, -1)
        .replaceAll("},{", `},${"\n".repeat(900)}{`)}]`,
    );
    const longest = Math.max(...JSON.parse(text(body)).map((one) => JSON.stringify(one).length));
    for (const size of [1, 50, body.length]) {
      assert.equal(
        concat(await drain(normalizeStream({ to: "ndjson", limits: { maxRowBytes: longest } }), cuts(body, size))).length,
        normalize(body).toNDJSON().length,
      );
      await rejects(env, "limit-exceeded", () => drain(normalizeStream({ to: "ndjson", limits: { maxRowBytes: longest - 1 } }), cuts(body, size)));
    }
  });
};
