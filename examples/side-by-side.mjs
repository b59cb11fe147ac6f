// One question for five providers: how much was stored, how often was it called, what did it cost?
import { aggregate } from "meterglot";

/** What is not known is not zero. */
const UNKNOWN = "–";

const HEAD = ["provider", "period", "storage held, mean in GiBy", "API calls in {call}", "cost"];

const cell = (row, text) => (row === undefined ? UNKNOWN : `${text(row)} (\`${row.metric}\`)`);

/** A Markdown table with a line a provider. Each sample brings its table and says which metrics answer the question. */
export function sideBySide(samples) {
  const lines = samples.map(({ provider, table, measures }) => {
    const { stored, calls, cost } = measures;
    const rows = aggregate(table, {
      where: { metric: [stored, calls, cost].filter((metric) => metric !== undefined) },
      reduce: stored === undefined ? {} : { [stored]: "mean" },
      units: stored === undefined ? {} : { [stored]: "GiBy" },
      fractionDigits: 6,
    });
    const rowOf = (metric) => rows.find((row) => row.metric === metric);
    const [{ start, end }] = rows;
    return [
      provider,
      `${start} – ${end}`,
      cell(rowOf(stored), (row) => row.quantity),
      cell(rowOf(calls), (row) => row.quantity),
      cell(rowOf(cost), (row) => `${row.cost} ${row.currency ?? "of unknown currency"}`),
    ];
  });
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...lines.map(line)].join("\n");
}
