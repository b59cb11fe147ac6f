// Data without usage is reported; a reply without data is valid.
import { devicewiseRequest, fails, wasabiRow } from "./support.mjs";

export default ({ rule, assert, meterglot }) => {
  const { normalize, parse } = meterglot;
  const collected = (body, options) => normalize(body, { ...options, onError: "collect" });
  const command = (params, id = "1") => JSON.stringify({ [id]: { success: true, params } });
  const history = { counters: { usage: [1] }, total: 1, ts: ["2024-01-20T08:00:00-05:00"] };

  /** The body is refused, the message names each of these, and `parse` still shows it. */
  const refused = (body, names, options) => {
    const error = fails({ assert, meterglot }, "unexpected-shape", () => normalize(body, options), body);
    for (const name of names) assert.include(error.message, name, body);
    assert.isAbove(error.line, 0, body);
    const table = collected(body, options);
    assert.deepEqual([table.length, table.issues.map(({ code }) => code)], [0, ["unexpected-shape"]], body);
    assert.isAbove(parse(body, options).rows.length, 0, body);
    return table.issues[0];
  };

  const replies = {
    "usage.api.list": [
      { count: 1, result: [{ ts: "2024-01-20T08:00:00Z", processedBy: "a", whoami: "b", request: "{}", response: "{}" }] },
      ["count", "result"],
    ],
    "counter.fields": [{ fields: ["OrgId", "service"] }, ["fields"]],
    "counter.types": [{ types: ["api.org.day"] }, ["types"]],
    "thing.list": [{ count: 2, result: [{ key: "a" }, { key: "b" }] }, ["count", "result"]],
    "thing.find": [{ id: "560ef49c681fdc7d1f015605", key: "a" }, ["id", "key"]],
    "usage.thing.history": [{ connected: [1], billable: [1], total: [2], ts: ["2024-01-20T08:00:00-05:00"] }, ["connected", "ts"]],
  };
  for (const [name, [params, found]] of Object.entries(replies)) {
    rule(`a_reply_of_${name.replaceAll(".", "_")}_is_no_usage`, () => {
      assert.equal(refused(command(params), found).pointer, "/1/params");
      const other = Object.fromEntries(Object.entries(params).map(([key, value]) => [key.toUpperCase(), value]));
      assert.equal(refused(JSON.stringify({ x: { Success: true, Params: other } }), []).pointer, "/x/Params");
      refused(command(params), [name], { request: devicewiseRequest({}, { command: name }) });
    });
  }

  rule("a_command_that_is_no_usage_costs_no_other_command", () => {
    const table = collected(JSON.stringify({ a: { success: true, params: { result: [{ key: "k" }] } }, b: { success: true, params: history } }));
    assert.deepEqual([table.length, table.issues.map(({ code, pointer }) => [code, pointer])], [1, [["unexpected-shape", "/a/params"]]]);
  });

  rule("a_long_reply_of_another_command_is_no_usage_either", () => {
    const result = Array.from({ length: 3000 }, (_, i) => ({ key: `thing-${i}`, note: "x".repeat(500) }));
    refused(command({ count: 3000, result }), ["result"], { limits: { maxRowBytes: 4_000_000 } });
    const error = fails({ assert, meterglot }, "unexpected-shape", () => normalize(command({ count: 3000, result })));
    assert.include(error.message, "result");
  });

  rule("a_list_of_elements_without_a_rule_is_no_usage", () => {
    const inner = "<foo><date>2024-01-01</date></foo><bar/>";
    for (const [body, row, pointer] of [
      [`<user_stats type="array">${inner}</user_stats>`, "user_stat", "/user_stats"],
      [`<list page="1" page_size="30" count="0"><link rel="first" href="/v1/partners/acme/usage_history?page=1"/>${inner}</list>`, "usage", "/list"],
    ]) {
      for (const options of [undefined, { onError: "collect" }]) {
        const { issues } = collected(body, options);
        assert.deepEqual(
          issues.map(({ code, pointer, line }) => ({ code, pointer, line })),
          [{ code: "unexpected-shape", pointer, line: 1 }],
          body,
        );
        assert.include(issues[0].message, `<${row}>`);
        assert.include(issues[0].message, "<foo>");
      }
      fails({ assert, meterglot }, "unexpected-shape", () => normalize(body), body);
    }
  });

  rule("a_command_without_data_is_valid", () => {
    for (const params of [
      undefined,
      null,
      {},
      { count: 0, result: null },
      { count: 0, result: [] },
      { counters: null, total: 0, ts: null },
      { counters: {}, ts: [] },
      { counters: { usage: null }, ts: null },
      { ts: null },
      { ts: [] },
    ]) {
      assert.equal(normalize(command(params)).length, 0, JSON.stringify(params));
    }
  });

  rule("a_log_in_is_valid_whatever_it_reports", () => {
    for (const id of ["auth", "Auth", "7"]) {
      const body = JSON.stringify({
        [id]: { success: true, params: { sessionId: "5a7b", roles: ["admin"], expires: 60 } },
        1: { success: true, params: history },
      });
      assert.equal(normalize(body).length, 1, id);
    }
  });

  // Wasabi
  const bare = { start: "2024-01-15T00:00:00Z", end: "2024-01-16T00:00:00Z" };

  rule("a_wasabi_row_without_one_known_metric_is_no_usage", () => {
    const issue = refused(`[${wasabiRow({ ...bare, HotStorageTeras: 5, ColdStuff: 7 })}]`, ["metric"]);
    assert.equal(issue.pointer, "/0");
    refused(`[${wasabiRow(bare)}]`, ["BucketUtilizationNum"]);
    refused(`{"PageInfo":{"RecordCount":1,"PageCount":1,"PageSize":100,"PageNum":0},"Records":[${wasabiRow({ ...bare, Other: 1 })}]}`, []);
    refused('[{"AcctNum":1,"AcctName":"a","CreateTime":"2024-01-15T00:00:00Z"}]', ["AcctName"]);
    refused(
      '[{"UtilizationNum":1,"AcctNum":1,"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z","RegionalUtilizations":{"us-east-1":{"Other":1}}}]',
      [],
    );
  });

  rule("a_wasabi_row_with_a_known_metric_is_usage_be_it_null", () => {
    assert.equal(normalize(`[${wasabiRow({ ...bare, NumAPICalls: "null", Other: 1 })}]`).length, 0);
    assert.equal(normalize(`[${wasabiRow({ ...bare, NumAPICalls: 1, Other: 1 })}]`).length, 1);
    const regions =
      '[{"UtilizationNum":1,"AcctNum":1,"StartTime":"2024-01-15T00:00:00Z","EndTime":"2024-01-16T00:00:00Z","RegionalUtilizations":{"us-east-1":{"NumAPICalls":1}}}]';
    assert.equal(normalize(regions).length, 1);
    const table = collected(`[${wasabiRow({ ...bare, NumAPICalls: 1 })},${wasabiRow({ ...bare, bucket: 9, Other: 1 })}]`);
    assert.deepEqual([table.length, table.issues.map(({ pointer }) => pointer)], [1, ["/1"]]);
  });

  // OnApp
  rule("an_onapp_row_without_one_cost_is_no_usage", () => {
    refused('<user_stats type="array"><user_stat><user_id>4</user_id><cpu_usage>7</cpu_usage></user_stat></user_stats>', ["cpu_usage"]);
    refused('[{"user_stat":{"user_id":4,"stat_time":"2012-03-13T11:43:36Z","cpu_usage":7}}]', ["cpu_usage"]);
    refused('{"user_stat":{"user_id":4}}', ["user_id"]);
  });

  rule("an_onapp_row_with_a_cost_is_usage_be_it_nil_or_a_machines", () => {
    assert.equal(normalize('<user_stat><user_id>4</user_id><total_cost nil="true"/></user_stat>').length, 0);
    assert.equal(normalize('{"user_stat":{"user_id":4,"vm_stats":[{"vm_stat":{"virtual_machine_id":3,"total_cost":1}}]}}').length, 1);
  });

  rule("a_row_of_cloudsigma_or_barracuda_without_its_number_is_reported", () => {
    fails({ assert, meterglot }, "missing-field", () =>
      normalize('{"meta":{"limit":0},"objects":[{"resource_type":"cpu","usage":1},{"resource_type":"cpu","uuid":"u"}]}'),
    );
    fails({ assert, meterglot }, "missing-field", () => normalize('{"page":1,"page_size":30,"count":1,"links":[],"list":[{"username":"acme","name":"Acme"}]}'));
  });
};
