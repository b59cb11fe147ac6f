// ERRORS: faults of XML.
import { bytes, concat, fails, offsetOf, onapp, standsAt, standsWithin } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { normalize } = meterglot;
  const env = { assert, meterglot };
  const read = (body, options) => normalize(body, { onError: "collect", ...options });
  const list = (inside) =>
    `<list page="1" page_size="30" count="1"><link rel="first" href="https://api.intronis.com/v1/partners/acme/usage_history"/>${inside}</list>`;
  const usage = (date, value) => `<usage><date>${date}</date><bytes>${value}</bytes></usage>`;
  const ROW = usage("2024-01-15T00:00:00-05:00", "1");

  rule("dots_between_rows_are_an_unexpected_shape_and_reading_goes_on", () => {
    const body = fixture("provider-docs/onapp-user-statistics-hourly.elided.xml");
    const error = fails(env, "unexpected-shape", () => normalize(body));
    standsAt(assert, error, body, offsetOf(body, "..."));
    assert.deepEqual([error.provider, error.pointer], ["onapp", "/user_stats"]);
    const table = read(body);
    assert.deepEqual([table.length, table.issues.length, table.issues[0].code], [24, 1, "unexpected-shape"]);
    const further = onapp([
      ["vm_cost", "1"],
      ["user_id", "4"],
      ["stat_time", "2012-03-13T11:43:36Z"],
    ]).replace("</user_stats>", " ... <user_stat><vm_cost>2</vm_cost><user_id>4</user_id><stat_time>2012-03-13T12:43:36Z</stat_time></user_stat></user_stats>");
    assert.deepEqual(
      [...read(further)].map(({ cost }) => cost),
      ["1", "2"],
    );
  });

  const syntax = {
    a_tag_closed_by_another: [list("<usage></usages>"), "</usages>"],
    an_attribute_without_quotes: ['<list page=1 page_size="30" count="0"/>', "page=1"],
    an_attribute_twice: ['<list page="1" page="2" page_size="30" count="0"/>', 'page="2"'],
    a_bare_ampersand: [list(usage("2024-01-15T00:00:00-05:00", "1&2")), "&2"],
    a_bare_less_than: [list(usage("2024-01-15T00:00:00-05:00", "1<2")), "<2"],
    an_entity_not_known: [list(usage("2024-01-15T00:00:00-05:00", "1&nbsp;0")), "&nbsp;"],
    a_character_reference_to_nothing: [list(usage("2024-01-15T00:00:00-05:00", "1&#xD800;")), "&#xD800;"],
    a_second_root: [`${list(ROW)}<list/>`, "<list/>"],
    text_after_the_root: [`${list(ROW)}more`, "more"],
    an_unclosed_comment: [list("<!-- one "), "<!--"],
    a_closing_tag_too_many: [`${list(ROW)}</list>`, "</list>"],
  };
  for (const [name, [body, needle]] of Object.entries(syntax)) {
    rule(`${name}_is_invalid_xml`, () => {
      const error = fails(env, "invalid-xml", () => normalize(body, { provider: "barracuda" }), body);
      assert.isNotNull(error.line);
      if (name !== "an_unclosed_comment" && name !== "a_closing_tag_too_many") {
        const at = offsetOf(bytes(body), needle);
        standsWithin(assert, error, bytes(body), at - 1, at + needle.length);
      }
      const table = read(body, { provider: "barracuda" });
      assert.deepEqual(
        table.issues.map(({ code }) => code),
        ["invalid-xml"],
      );
    });
  }

  rule("rows_before_a_fault_of_syntax_are_kept_and_nothing_after_it", () => {
    const body = list(`${ROW}${usage("2024-01-16T00:00:00-05:00", "2")}<oops>${usage("2024-01-17T00:00:00-05:00", "3")}`);
    const table = read(body);
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-xml"],
    );
    assert.includeMembers(
      [...table].map(({ quantity }) => quantity),
      ["1", "2"],
    );
  });

  rule("a_body_that_ends_too_early_is_invalid_xml", () => {
    const whole = bytes(list(ROW));
    for (const short of [1, 3, 6, 8]) {
      const body = whole.slice(0, whole.length - short);
      const error = fails(env, "invalid-xml", () => normalize(body), `${short} bytes short`);
      standsWithin(assert, error, body, body.length - 7, body.length);
      assert.equal(read(body).length, short < 8 ? 1 : 0);
    }
  });

  rule("a_doctype_is_refused", () => {
    const body = fixture("made/hostile-doctype.xml");
    const error = fails(env, "invalid-xml", () => normalize(body));
    assert.match(error.message, /DOCTYPE/i);
    standsWithin(assert, error, body, offsetOf(body, "<!DOCTYPE"), offsetOf(body, "<!DOCTYPE") + 60);
  });

  rule("entities_are_never_defined_by_a_body", () => {
    for (const name of ["made/hostile-entity-bomb.xml", "made/hostile-external-entity.xml"]) {
      const table = read(fixture(name));
      assert.equal(table.length, 0, name);
      assert.deepEqual(
        table.issues.map(({ code }) => code),
        ["invalid-xml"],
        name,
      );
    }
  });

  for (const value of ["many", "0x10", "NaN", "1 0", "--1", "1,000", "1.2.3", "1e", "١"]) {
    rule(`"${value}"_is_no_number_in_xml`, () => {
      const body = list(usage("2024-01-15T00:00:00-05:00", value));
      const error = fails(env, "invalid-number", () => normalize(body));
      assert.match(error.pointer, /^\/list\/usage(\[1\])?\/bytes$/);
      const at = offsetOf(bytes(body), "<bytes>");
      standsWithin(assert, error, bytes(body), at, at + 7 + bytes(value).length + 8);
      assert.include(error.message, value);
    });
  }

  rule("a_faulty_row_is_dropped_whole_and_reported_by_its_number", () => {
    const table = read(
      list(
        `${ROW}${usage("yesterday", "2")}${usage("2024-01-17T00:00:00-05:00", "x")}${usage("2024-01-18T00:00:00-05:00", "4")}<usage><bytes>5</bytes></usage>`,
      ),
    );
    assert.deepEqual(
      [...table].map(({ quantity, pointer }) => [quantity, pointer]),
      [
        ["1", "/list/usage[1]/bytes"],
        ["4", "/list/usage[4]/bytes"],
      ],
    );
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-timestamp", "invalid-number", "missing-field"],
    );
    assert.deepEqual(
      table.issues.slice(0, 2).map(({ pointer }) => pointer),
      ["/list/usage[2]/date", "/list/usage[3]/bytes"],
    );
    assert.match(table.issues[2].pointer, /^\/list\/usage\[5\]/);
  });

  rule("a_faulty_cost_drops_its_whole_hour", () => {
    const hour = (cost, stat) => [
      ["vm_cost", "1.0"],
      ["monit_cost", cost],
      ["user_id", "4"],
      ["stat_time", stat],
    ];
    const table = read(onapp(hour("free", "2012-03-13T11:43:36Z"), hour("2.0", "2012-03-13T12:43:36Z")));
    assert.deepEqual(
      [...table].map(({ start }) => start),
      ["2012-03-13T12:43:36Z", "2012-03-13T12:43:36Z"],
    );
    assert.deepEqual(
      table.issues.map(({ code, pointer }) => [code, pointer]),
      [["invalid-number", "/user_stats/user_stat[1]/monit_cost"]],
    );
  });

  rule("lines_and_columns_are_reported_in_xml_too", () => {
    const body = bytes(
      `<list page="1" page_size="30" count="1">\n <!-- 日本 --><usage><date>2024-01-15T00:00:00-05:00</date>\n  <bytes>many</bytes></usage>\n</list>`,
    );
    const error = fails(env, "invalid-number", () => normalize(body));
    assert.equal(error.line, 3);
    standsWithin(assert, error, body, offsetOf(body, "<bytes>"), offsetOf(body, "</bytes>") + 8);
  });

  rule("a_byte_that_is_not_utf_8_is_invalid_encoding_in_xml_too", () => {
    const front = bytes(`<list page="1" page_size="30" count="2">${ROW}<usage><date>2024-`);
    const body = concat([front, new Uint8Array([0xff]), bytes("</date><bytes>2</bytes></usage></list>")]);
    const error = fails(env, "invalid-encoding", () => normalize(body));
    standsAt(assert, error, body, front.length);
    const table = read(body);
    assert.deepEqual(
      [...table].map(({ quantity }) => quantity),
      ["1"],
    );
    assert.deepEqual(
      table.issues.map(({ code }) => code),
      ["invalid-encoding"],
    );
  });
};
