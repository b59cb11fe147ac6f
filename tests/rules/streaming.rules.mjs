// STREAMING: chunks cut anywhere give the very same output.
import { ALL, SOUND } from "./fixtures.mjs";
import { barracuda, bytes, chance, concat, devicewise, drain, pieces, RECORD_KEYS, rejects, select, text, wasabi } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize, normalizeStream } = meterglot;
  const env = { assert, meterglot };
  const run = async (options, chunks) => concat(await drain(normalizeStream(options), chunks));
  const DAY = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };
  /** A stream passes restated and repeated rows as they come, so those bodies are compared elsewhere. */
  const plain = SOUND.map(({ name }) => name).filter((name) => !/restated|repeated/.test(name));
  const once = (body, to, options) => (to === "ndjson" ? normalize(body, options).toNDJSON() : normalize(body, options).toCSV());
  const equal = (actual, due, about) => assert.equal(text(actual), text(due), about);

  for (const to of ["ndjson", "csv"]) {
    rule(`a_stream_to_${to}_gives_what_one_call_gives`, async () => {
      for (const name of plain) equal(await run({ to }, [fixture(name)]), once(fixture(name), to), name);
    });

    rule(`a_body_cut_at_any_byte_gives_the_same_${to}`, async () => {
      for (const name of plain.filter((one) => fixture(one).length < 460)) {
        const body = fixture(name);
        const due = text(once(body, to));
        for (let at = 0; at <= body.length; at++) assert.equal(text(await run({ to }, [body.subarray(0, at), body.subarray(at)])), due, `${name} cut at ${at}`);
      }
    });

    rule(`a_body_fed_byte_by_byte_gives_the_same_${to}`, async () => {
      for (const name of plain) {
        const body = fixture(name);
        equal(
          await run(
            { to },
            Array.from(body, (byte) => Uint8Array.of(byte)),
          ),
          once(body, to),
          name,
        );
      }
    });
  }

  rule("a_body_in_random_pieces_gives_the_same", async () => {
    const random = chance(31);
    for (const name of plain) {
      const body = fixture(name);
      for (let round = 0; round < 4; round++)
        equal(await run({ to: "ndjson" }, pieces(body, random, 2 + Math.floor(random() * 12))), once(body, "ndjson"), name);
    }
  });

  rule("a_stream_to_records_gives_the_records", async () => {
    for (const name of plain) {
      const body = fixture(name);
      const out = await drain(normalizeStream({ to: "records" }), [body.subarray(0, 40), body.subarray(40)]);
      for (const batch of out) assert.isArray(batch);
      assert.deepEqual(out.flat(), normalize(body).records(), name);
    }
  });

  rule("options_serve_a_stream_as_they_serve_a_call", async () => {
    for (const [name, options] of [
      ["provider-docs/barracuda-usage-history.json", { request: "https://api.intronis.com/v1/partners/zeta/usage_history?resolution=DAY" }],
      ["made/cloudsigma-burst-usage.json", { currency: "CHF", account: "mine", period: { start: "2014-07-01T00:00:00Z", end: "2014-08-01T00:00:00Z" } }],
      [
        "provider-docs/wasabi-bucket-invoice.json",
        { request: "https://partner.wasabisys.com/v1/accounts/11681/utilizations/buckets?invoice=9826", provider: "wasabi" },
      ],
    ]) {
      equal(await run({ to: "ndjson", ...options }, [fixture(name)]), once(fixture(name), "ndjson", options), name);
    }
  });

  rule("a_character_cut_in_two_is_one_character", async () => {
    const body = bytes(wasabi({ ...DAY, name: "Zürich-日本-😀", NumAPICalls: 1 }));
    const due = text(normalize(body).toNDJSON());
    assert.include(due, "Zürich-日本-😀");
    for (let at = 0; at <= body.length; at++) assert.equal(text(await run({ to: "ndjson" }, [body.subarray(0, at), body.subarray(at)])), due, `cut at ${at}`);
  });

  rule("a_number_and_an_escape_cut_in_two_are_whole", async () => {
    const body = bytes(barracuda([["2024-01-15T00:00:00\\u002d05:00", "12345678901234567890.123456789e2"]]));
    for (let at = 0; at <= body.length; at++) {
      const [record] = (await drain(normalizeStream({ to: "records" }), [body.subarray(0, at), body.subarray(at)])).flat();
      assert.deepEqual([record.quantity, record.start], ["1234567890123456789012.3456789", "2024-01-15T05:00:00Z"], `cut at ${at}`);
    }
  });

  rule("empty_chunks_mean_nothing", async () => {
    const none = new Uint8Array(0);
    const body = fixture("provider-docs/barracuda-usage-history.json");
    equal(await run({ to: "ndjson" }, [none, body.subarray(0, 9), none, none, body.subarray(9), none]), once(body, "ndjson"));
  });

  rule("devicewise_columns_wait_for_ts", async () => {
    const hours = Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(2024, 0, 1, i)).toISOString().replace(".000", ""));
    const body = bytes(devicewise({ a: hours.map((_, i) => i), b: hours.map((_, i) => i * 7) }, hours));
    const chunks = Array.from({ length: Math.ceil(body.length / 100) }, (_, i) => body.subarray(100 * i, 100 * i + 100));
    equal(await run({ to: "ndjson" }, chunks), once(body, "ndjson"));
    assert.equal(normalize(body).length, 1000);
  });

  rule("rows_leave_before_the_body_has_ended", async () => {
    const stream = normalizeStream({ to: "records" });
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    const body = bytes(wasabi(...Array.from({ length: 4000 }, (_, i) => ({ ...DAY, bucket: i, NumAPICalls: 1 }))));
    const feeding = writer.write(body.subarray(0, body.length - 10));
    feeding.catch(() => {});
    const { value, done } = await reader.read();
    assert.isFalse(done);
    assert.isAbove(value.length, 0);
    await reader.cancel();
  });

  // faults
  const faulty = [
    "provider-docs/cloudsigma-burst-usage.trailing-comma.json",
    "provider-docs/devicewise-api-history.elided.json",
    "provider-docs/onapp-user-statistics-hourly.elided.xml",
    "made/barracuda-two-faults.json",
    "made/barracuda-77-digits.json",
    "made/devicewise-short-counter.json",
    "made/devicewise-mixed-batch.json",
    "made/hostile-entity-bomb.xml",
    "made/barracuda-no-break-space.json",
  ];
  const place = ({ code, message, page, pointer, line, column, offset }) => ({ code, message, page, pointer, line, column, offset });

  rule("a_fault_is_reported_by_its_place_in_the_whole_body", async () => {
    for (const name of faulty) {
      const body = fixture(name);
      let due;
      try {
        normalize(body);
      } catch (error) {
        due = error;
      }
      for (let at = 0; at <= body.length; at += 13) {
        const error = await rejects(env, due.code, () => drain(normalizeStream({ to: "ndjson" }), [body.subarray(0, at), body.subarray(at)]), name);
        assert.deepEqual(place(error), place(due), `${name} cut at ${at}`);
      }
    }
  });

  rule("issues_are_reported_through_a_callback", async () => {
    for (const name of faulty) {
      const body = fixture(name);
      const table = normalize(body, { onError: "collect" });
      for (const chunks of [[body], Array.from(body, (byte) => Uint8Array.of(byte))]) {
        const issues = [];
        const out = await run({ to: "ndjson", onError: "collect", onIssue: (issue) => issues.push(issue) }, chunks);
        assert.deepEqual(issues, table.issues, name);
        equal(out, table.toNDJSON(), name);
      }
    }
  });

  rule("a_stream_that_collects_needs_no_callback", async () => {
    const body = fixture("made/barracuda-two-faults.json");
    equal(await run({ to: "ndjson", onError: "collect" }, [body]), normalize(body, { onError: "collect" }).toNDJSON());
  });

  rule("rows_before_a_fault_have_left_the_stream", async () => {
    const stream = normalizeStream({ to: "records" });
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    const feeding = writer.write(bytes(wasabi(...Array.from({ length: 4000 }, (_, i) => ({ ...DAY, bucket: i, NumAPICalls: 1 }))).slice(0, -1)));
    feeding.catch(() => {});
    const { value } = await reader.read();
    assert.equal(value[0].resourceId, "0");
    writer.write(bytes(",oops")).catch(() => {});
    await rejects(env, "invalid-json", async () => {
      for (;;) if ((await reader.read()).done) return;
    });
  });

  rule("every_prefix_of_a_body_ends_a_stream_without_a_trap", async () => {
    for (const name of ALL.filter((one) => fixture(one).length < 300)) {
      const body = fixture(name);
      for (let length = 0; length < body.length; length += 3) {
        const issues = [];
        await run({ to: "ndjson", onError: "collect", onIssue: (issue) => issues.push(issue) }, [body.subarray(0, length)]);
        assert.deepEqual(issues, normalize(body.subarray(0, length), { onError: "collect" }).issues, `${name} cut at ${length}`);
      }
    }
  });

  rule("nothing_streamed_is_an_unknown_format", async () => {
    await rejects(env, "unknown-format", () => drain(normalizeStream({ to: "ndjson" }), []));
  });

  rule("an_empty_listing_streams_nothing_but_a_header", async () => {
    assert.equal((await run({ to: "ndjson" }, [bytes("[]")])).length, 0);
    assert.equal(text(await run({ to: "csv" }, [bytes("[]")])).trim(), RECORD_KEYS.join(","));
  });

  // what a stream does in its own way
  rule("a_stream_passes_restated_rows_as_they_come", async () => {
    const records = (await drain(normalizeStream({ to: "records" }), [fixture("made/wasabi-restated.json")])).flat();
    assert.deepEqual(
      select(records, { metric: "api.calls" }).map(({ quantity }) => quantity),
      ["80", "88", "5"],
    );
  });

  rule("max_bytes_does_not_bound_a_stream", async () => {
    const body = fixture("provider-docs/wasabi-bucket-daily.json");
    equal(await run({ to: "ndjson", limits: { maxBytes: 10 } }, [body]), once(body, "ndjson"));
  });

  rule("max_row_bytes_bounds_a_row_of_a_stream", async () => {
    const body = bytes(wasabi({ ...DAY, bucket: 1, NumAPICalls: 1 }, { ...DAY, bucket: 2, NumAPICalls: 1, name: "x".repeat(3000) }));
    for (const chunks of [[body], Array.from({ length: Math.ceil(body.length / 50) }, (_, i) => body.subarray(50 * i, 50 * i + 50))]) {
      await rejects(env, "limit-exceeded", () => drain(normalizeStream({ to: "ndjson", limits: { maxRowBytes: 1000 } }), chunks));
    }
  });

  rule("a_row_without_end_is_refused_before_it_is_held", async () => {
    const piece = bytes("x".repeat(64 * 1024));
    const chunks = [bytes('[{"Bucket":"'), ...Array.from({ length: 64 }, () => piece)];
    await rejects(env, "limit-exceeded", () => drain(normalizeStream({ to: "ndjson", provider: "wasabi" }), chunks));
  });

  rule("max_records_bounds_a_stream", async () => {
    const body = fixture("made/barracuda-dst-spring.json");
    await rejects(env, "limit-exceeded", () => drain(normalizeStream({ to: "ndjson", limits: { maxRecords: 2 } }), [body]));
    equal(await run({ to: "ndjson", limits: { maxRecords: 3 } }, [body]), once(body, "ndjson"));
  });

  rule("many_streams_at_once_do_not_mix", async () => {
    const names = plain.slice(0, 20);
    const outs = await Promise.all(names.map((name) => run({ to: "ndjson" }, pieces(fixture(name), chance(name.length), 5))));
    outs.forEach((out, i) => equal(out, once(fixture(names[i]), "ndjson"), names[i]));
  });

  rule("a_long_body_streams_to_the_same_output", async () => {
    const body = bytes(
      wasabi(
        ...Array.from({ length: 3000 }, (_, i) => ({
          ...DAY,
          bucket: i % 1500,
          region: i < 1500 ? "a" : "b",
          NumAPICalls: i,
          UploadBytes: `${i + 1}00000000000`,
        })),
      ),
    );
    const due = once(body, "ndjson");
    for (const size of [1000, 65536]) {
      equal(
        await run(
          { to: "ndjson" },
          Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(size * i, size * i + size)),
        ),
        due,
        `${size}`,
      );
    }
  });
};
