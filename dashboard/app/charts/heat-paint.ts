// What a heatmap paints, part by part, in CSS pixels: axes, cells, lines. Called by Heatmap alone.

import type { Theme } from '../colours.ts';
import type { Unit } from '../units.ts';
import { type Bands, boundsOf, placeOf, rowsOf } from './bands.ts';
import { type HeatColumn, LINES } from './heat-columns.ts';
import { pixelOf } from './ramp.ts';
import { timeText, timeTicks, valueText, valueTicks } from './ticks.ts';

export interface Frame {
  /** Where in the canvas the cells stand. */
  plot: { left: number; top: number; width: number; height: number };
  /** In ms; `steps` columns of `stepMs` each end in (start, end]. */
  start: number;
  end: number;
  steps: number;
  stepMs: number;
  /** null: nothing to show. */
  bands: Bands | null;
  /** [step][row] */
  counts: Float64Array;
}
type Token = (name: string) => string;

const FONT = '11px Inter, system-ui, sans-serif';
const LABEL_WIDTH = 80;
const LABEL_HEIGHT = 34;
const EDGE = 24;

const yOf = ({ plot }: Frame, bands: Bands, value: number) =>
  plot.top + plot.height * (1 - placeOf(bands, value) / rowsOf(bands));
const xOf = ({ plot, start, end }: Frame, time: number) =>
  plot.left + (plot.width * (time - start)) / (end - start);

/** Values with a label: round ones of each sign, and zero where it has a row. */
function valuesOf(bands: Bands, height: number): number[] {
  const rows = rowsOf(bands);
  const tops = boundsOf(bands, rows - 1);
  const ends = boundsOf(bands, 0);
  const inner = 2 ** (bands.base / 2 ** bands.scale);
  const most = (part: number) => Math.max(1, Math.floor((height * part) / rows / LABEL_HEIGHT));
  const values: number[] = [];
  if (bands.last > 0) {
    const low = bands.first > 0 ? ends.low : inner;
    values.push(...valueTicks(low, tops.high, most(bands.last - Math.max(bands.first, 1) + 1)));
  }
  if (bands.first < 0) {
    const low = bands.last < 0 ? -tops.high : inner;
    const some = valueTicks(low, -ends.low, most(Math.min(bands.last, -1) - bands.first + 1));
    values.push(...some.map((value) => -value));
  }
  if (bands.first <= 0 && bands.last >= 0) values.push(0);
  return values;
}

export function paintAxes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  unit: Unit,
  token: Token,
): void {
  const { plot, bands } = frame;
  context.font = FONT;
  context.fillStyle = token('--text-3');
  context.strokeStyle = token('--grid');
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const value of bands ? valuesOf(bands, plot.height) : []) {
    const y = yOf(frame, bands as Bands, value);
    context.fillText(valueText(value, unit), plot.left - 8, y);
    context.beginPath();
    context.moveTo(plot.left, Math.round(y) + 0.5);
    context.lineTo(plot.left + plot.width, Math.round(y) + 0.5);
    context.stroke();
  }
  context.textAlign = 'center';
  const most = Math.max(2, Math.floor(plot.width / LABEL_WIDTH));
  for (const time of timeTicks(frame.start, frame.end, most)) {
    const x = xOf(frame, time);
    if (x > plot.left + EDGE && x < plot.left + plot.width - EDGE)
      context.fillText(timeText(time), x, plot.top + plot.height + 14);
  }
}

/** One pixel a cell, enlarged: what is nothing stays the surface. */
export function paintCells(context: CanvasRenderingContext2D, frame: Frame, theme: Theme): void {
  const { plot, steps, counts, bands } = frame;
  if (!bands) return;
  const rows = rowsOf(bands);
  const image = new ImageData(steps, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const most = counts.reduce((most, count) => Math.max(most, count), 0);
  for (let step = 0; step < steps; step++)
    for (let row = 0; row < rows; row++)
      pixels[(rows - 1 - row) * steps + step] = pixelOf(
        counts[step * rows + row] as number,
        most,
        theme,
      );
  const small = new OffscreenCanvas(steps, rows);
  small.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, plot.left, plot.top, plot.width, plot.height);
}

/** Each line with a rim of the surface's colour, so that it is seen over every shade. A window without a value parts it. */
export function paintLines(
  context: CanvasRenderingContext2D,
  frame: Frame,
  columns: readonly HeatColumn[],
  token: Token,
): void {
  const { bands, stepMs } = frame;
  if (!bands) return;
  context.save();
  context.lineJoin = 'round';
  LINES.forEach((stat, at) => {
    const path = new Path2D();
    let before = Number.NEGATIVE_INFINITY;
    for (const { end, lines } of columns) {
      const value = lines[at] ?? null;
      if (value === null) continue;
      const [x, y] = [xOf(frame, end - stepMs / 2), yOf(frame, bands, value)];
      if (end - before > stepMs) path.moveTo(x - 0.5, y);
      path.lineTo(x, y);
      before = end;
    }
    context.setLineDash([]);
    context.strokeStyle = token('--surface');
    context.globalAlpha = 0.75;
    context.lineWidth = 3.5;
    context.stroke(path);
    context.globalAlpha = 1;
    context.strokeStyle = token(`--heat-${stat}`);
    context.lineWidth = 1.5;
    if (stat === 'p50') context.setLineDash([5, 3]);
    context.stroke(path);
  });
  context.restore();
}
