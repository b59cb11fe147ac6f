// The tables, as they are read.

const MIB = 2 ** 20;

const time = (milliseconds) => (milliseconds < 1 ? `${(milliseconds * 1000).toFixed(1)} µs` : `${milliseconds.toFixed(1)} ms`);
const verdict = (met) => (met ? "met" : "NOT met");

let lastWork;

/** One row, as soon as it is known. The work is printed once for all that it is compared with. */
export function printRow({ work, against, bodyBytes, ours, theirs, ratio, goal }) {
  if (work !== lastWork) {
    console.log(`${work} (${(bodyBytes / MIB).toFixed(2)} MiB)`);
    lastWork = work;
  }
  const judged = goal === null ? "" : `goal ${goal}x  ${verdict(ratio >= goal)}`;
  console.log(
    `  ${against.padEnd(40)} ours ${time(ours).padStart(10)}  theirs ${time(theirs).padStart(10)}  ${ratio.toFixed(2).padStart(7)}x  ${judged}`.trimEnd(),
  );
}

/** All figures that are not compared with another program. */
export function print({ bounds, figures, parts, growth, groups }) {
  console.log("\nBounds");
  for (const { work, value, unit, atMost, met } of bounds) {
    console.log(`  ${work.padEnd(50)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(3)}  at most ${atMost}  ${verdict(met)}`);
  }
  const { stream, memory } = figures;
  console.log("\nFigures");
  console.log(`  module: ${figures.moduleRawBytes} bytes, ${figures.moduleBrotliBytes} with brotli`);
  console.log(
    `  stream to NDJSON: ${stream.mebibytesASecond.toFixed(0)} MiB/s in, ${(stream.outBytes / MIB / (stream.milliseconds / 1000)).toFixed(0)} MiB/s out`,
  );
  console.log(
    `  memory of ${memory.rows} rows (body ${(memory.bodyBytes / MIB).toFixed(1)} MiB): ${(memory.afterNormalize / MIB).toFixed(1)} MiB after normalize, ${(memory.peak / MIB).toFixed(1)} MiB at the peak of aggregate, ${memory.bytesARecord.toFixed(1)} bytes a record in columns`,
  );
  console.log("\nWhere our time goes");
  for (const [name, spent] of Object.entries(parts)) {
    console.log(
      `  ${name.padEnd(8)} ${Object.entries(spent)
        .map(([part, milliseconds]) => `${part} ${time(milliseconds)}`)
        .join(", ")}`,
    );
  }
  console.log("\nGrowth");
  for (const { rows, normalizeMicrosecondsARow, aggregateMicrosecondsARow, memory: bytes } of growth) {
    console.log(
      `  ${String(rows).padStart(8)} rows: normalize ${normalizeMicrosecondsARow.toFixed(2)} µs a row, aggregate ${aggregateMicrosecondsARow.toFixed(2)} µs a row, memory ${(bytes / MIB).toFixed(0)} MiB`,
    );
  }
  for (const { groups: count, microsecondsAGroup } of groups) {
    console.log(`  ${String(count).padStart(8)} groups: ${microsecondsAGroup.toFixed(2)} µs a group`);
  }
}
