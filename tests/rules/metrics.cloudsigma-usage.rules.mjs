// METRICS: CloudSigma's readings of each resource.
import { only } from "./support.mjs";

const URL = "https://zrh.cloudsigma.com/api/2.0/usage/?limit=6";

export default ({ rule, assert, meterglot, fixture }) => {
  const { aggregate, detect, nextRequest, normalize } = meterglot;
  const body = fixture("made/cloudsigma-usage.json");

  rule("a_reading_is_an_instant_of_a_resource_with_its_unit", () => {
    const records = [...normalize(body, { request: URL })];
    assert.deepEqual(
      records.map(({ metric, kind, quantity, unit, notes }) => [metric, kind, quantity, unit, notes]),
      [
        ["usage.cpu", "gauge", "6000", "MHz", []],
        ["usage.mem", "gauge", "4294967296", "By", []],
        ["usage.dssd", "gauge", "322122547200", "By", []],
        ["usage.tx", "delta", "1048576", "By", ["unit-inferred"]],
        ["usage.ip", "gauge", "2", "{unit}", []],
        ["usage.quantum_gate", "gauge", "3", "{unit}", ["unit-inferred"]],
      ],
    );
    for (const [i, record] of records.entries()) {
      assert.include(record, { region: "zrh", end: null, cost: null, providerField: "amount", resourceType: record.metric.slice(6) });
      assert.equal(record.resourceId, `0b4f0e0e-0000-4000-8000-00000000000${i + 1}`);
      assert.equal(record.start, i < 5 ? "2024-01-15T10:00:57.757677Z" : "2024-01-15T10:05:57Z");
    }
  });

  rule("a_count_of_zero_beside_readings_says_nothing", () => {
    const table = normalize(body);
    assert.deepEqual([table.page.totalRows, table.checks()], [0, []]);
    const page = `{"meta":{"limit":2,"offset":0,"total_count":5},"objects":[${[1, 2].map(
      (n) => `{"amount":"${n}","poll_time":"2024-01-15T10:0${n}:00+00:00","resource":"cpu","uuid":"u"}`,
    )}]}`;
    assert.equal(nextRequest(page, { request: URL.replace("limit=6", "limit=2") }).url, `${URL.replace("limit=6", "limit=2")}&offset=2`);
  });

  rule("an_empty_listing_of_readings_is_recognized_by_its_request", () => {
    const empty = '{"meta":{"limit":20,"offset":0,"total_count":0},"objects":[]}';
    assert.equal(detect(empty, { request: URL }).format, "cloudsigma.usage");
    assert.equal(detect(empty).format, "cloudsigma.daily-burst-usage");
  });

  rule("readings_are_levels_that_are_never_summed", () => {
    const [row] = aggregate(normalize(body), { where: { metric: ["usage.cpu"] }, reduce: { gauge: "max" } });
    assert.deepEqual([row.quantity, row.unit], ["6000", "MHz"]);
    // A metric of the format may be named where the data lacks it.
    assert.deepEqual(aggregate(normalize(body), { where: { metric: ["usage.intel_mem"] } }), []);
    assert.equal(only(assert, normalize(body), { resourceType: "mem" }).kind, "gauge");
  });
};
