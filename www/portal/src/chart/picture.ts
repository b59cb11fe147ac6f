/** The chart as a picture that explains itself: with its title and its legend. */
import type { Colours } from "./plot.js";

export interface Caption {
  title: string;
  details: string;
  legend: string[];
}

const MARGIN = 20;
const LINE = 20;

export function pictureOf(chart: HTMLCanvasElement, { title, details, legend }: Caption, colours: Colours): Promise<Blob> {
  const ratio = devicePixelRatio;
  const width = chart.width / ratio + 2 * MARGIN;
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
  ctx.font = "13px system-ui, sans-serif";
  const rows = legend.length < 2 ? [] : wrapped(ctx, legend, width - 2 * MARGIN);
  const above = MARGIN + 2 * LINE + 8;
  canvas.width = width * ratio;
  canvas.height = (above + chart.height / ratio + rows.length * LINE + MARGIN) * ratio;
  ctx.scale(ratio, ratio);
  ctx.fillStyle = colours.surface;
  ctx.fillRect(0, 0, width, canvas.height);
  ctx.fillStyle = colours.text;
  ctx.font = "600 16px system-ui, sans-serif";
  ctx.fillText(title, MARGIN, MARGIN + 14);
  ctx.font = "13px system-ui, sans-serif";
  ctx.fillStyle = colours.muted;
  ctx.fillText(details, MARGIN, MARGIN + 14 + LINE);
  ctx.drawImage(chart, MARGIN, above, chart.width / ratio, chart.height / ratio);
  rows.forEach((row, line) => {
    const y = above + chart.height / ratio + 14 + line * LINE;
    for (const { index, x } of row) {
      ctx.fillStyle = colours.series[index] as string;
      ctx.fillRect(MARGIN + x, y - 9, 10, 10);
      ctx.fillStyle = colours.text;
      ctx.fillText(legend[index] as string, MARGIN + x + 15, y);
    }
  });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("this browser did not make the picture")) : resolve(blob)), "image/png");
  });
}

function wrapped(ctx: CanvasRenderingContext2D, legend: string[], width: number): { index: number; x: number }[][] {
  const rows: { index: number; x: number }[][] = [[]];
  let x = 0;
  legend.forEach((text, index) => {
    const needs = ctx.measureText(text).width + 35;
    if (x > 0 && x + needs > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ index, x });
    x += needs;
  });
  return rows;
}
