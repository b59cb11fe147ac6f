// METRICS: OnApp's hours of virtual servers.
import { only, select } from "./support.mjs";

const URL = "https://cloud.example/users/4/vm_stats.json";

export default ({ rule, assert, meterglot, fixture }) => {
  const { detect, normalize } = meterglot;
  const table = () => normalize(fixture("made/onapp-vm-hourly-stats.json"));

  rule("an_hour_of_a_virtual_server_has_its_costs", () => {
    const costs = select(table(), { start: "2024-01-15T10:00:00Z" }).filter(({ metric }) => metric.startsWith("cost."));
    assert.deepEqual(
      costs.map(({ metric, partOf, cost, quantity, providerField }) => [metric, partOf, cost, quantity, providerField]),
      [
        ["cost.vm.usage", "cost.vm.total", "1.5", null, "usage_cost"],
        ["cost.vm.vm_resources", "cost.vm.total", "3.5", null, "vm_resources_cost"],
        ["cost.vm.total", null, "5", null, "total_cost"],
      ],
    );
    for (const record of costs) {
      assert.include(record, { account: "4", resourceId: "17", resourceType: "virtual-machine", currency: "USD", end: "2024-01-15T11:00:00Z" });
    }
  });

  rule("what_was_billed_of_a_disk_and_an_interface_is_read_with_its_cost", () => {
    const size = only(assert, table(), { metric: "vm.disk_size" });
    assert.include(size, {
      resourceType: "disk",
      resourceId: "31",
      resourceName: "root",
      kind: "gauge",
      quantity: "5",
      unit: "GBy",
      cost: "3",
      currency: "USD",
    });
    assert.deepEqual([size.dimensions, size.partOf, size.notes], [{ vm: "17" }, "cost.vm.total", ["unit-inferred"]]);
    assert.equal(size.pointer, "/0/vm_hourly_stat/billing_stats/disks/0/costs/0/value");
    const sent = only(assert, table(), { metric: "vm.data_sent" });
    assert.include(sent, { resourceType: "network-interface", resourceId: "41", resourceName: null, kind: "delta", quantity: "1024", unit: "kBy" });
    assert.deepEqual(only(assert, table(), { metric: "vm.template_usage" }).dimensions, { item: "8" });
    assert.include(only(assert, table(), { metric: "vm.memory" }), { resourceName: "web", unit: "MBy" });
  });

  rule("vm_stats_are_read_from_xml_alike", () => {
    const xml = normalize(fixture("made/onapp-vm-hourly-stats.xml"));
    const plain = ({ metric, resourceId, quantity, cost, start }) => [metric, resourceId, quantity, cost, start];
    const due = [...table()].filter(({ start, metric }) => start === "2024-01-15T10:00:00Z" && (metric.startsWith("cost.") || metric === "vm.disk_size"));
    assert.deepEqual([...xml].map(plain), due.map(plain));
    assert.equal(only(assert, xml, { metric: "vm.disk_size" }).pointer, "/vm_stats/vm_hourly_stat[1]/billing_stats/disks/disk[1]/costs/cost[1]/value");
  });

  rule("an_empty_listing_of_vm_stats_is_recognized_by_its_request_or_root", () => {
    assert.equal(detect("[]", { request: URL }).format, "onapp.vm-stats");
    assert.isNull(detect("[]"));
    assert.equal(detect('<vm_stats type="array"/>').format, "onapp.vm-stats");
    for (const body of ["[]", '<vm_stats type="array"/>']) assert.deepEqual([...normalize(body, { request: URL })], [], body);
  });

  rule("a_virtual_server_without_an_id_is_that_of_the_request", () => {
    const body = '[{"vm_hourly_stat":{"stat_time":"2024-01-15T10:00:00Z","virtual_machine_id":null,"total_cost":1}}]';
    const [record] = normalize(body, { request: "https://cloud.example/virtual_machines/17/vm_stats.json", currency: "EUR", account: "4" });
    assert.deepEqual([record.resourceId, record.account, record.currency], ["17", "4", "EUR"]);
  });
};
