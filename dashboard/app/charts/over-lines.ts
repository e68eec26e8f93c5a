// OverLines: what a line chart paints beside its lines: hatch where nothing is known, thresholds.

import type uPlot from 'uplot';
import type { Threshold } from './line-chart.ts';

/** Points this many steps apart have something missing between them; the newest may be late by as much. */
const LATE_STEPS = 3.5;
const LATE_SECONDS_MIN = 4;

/** The parts of the time axis, after the first point, of which nothing is known. In seconds. */
export function missingIn(
  times: readonly number[],
  end: number,
  step: number,
): [from: number, to: number][] {
  const late = Math.max(step * LATE_STEPS, LATE_SECONDS_MIN);
  const missing: [number, number][] = [];
  let before = times[0];
  if (before === undefined) return [];
  for (const time of [...times, end]) {
    if (time - before > late) missing.push([before, time]);
    before = time;
  }
  return missing;
}

const HATCH_PIXELS = 8;

export function paintHatch(
  plot: uPlot,
  missing: readonly [number, number][],
  colour: string,
): void {
  if (missing.length === 0) return;
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  const step = HATCH_PIXELS * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  for (const [from, to] of missing) {
    const x0 = Math.max(left, plot.valToPos(from, 'x', true));
    const x1 = Math.min(left + width, plot.valToPos(to, 'x', true));
    if (x1 <= x0) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x0, top, x1 - x0, height);
    ctx.clip();
    ctx.beginPath();
    // Lines of one grid, so that a growing hatch grows and does not crawl.
    for (let x = Math.floor((x0 - height) / step) * step; x < x1; x += step) {
      ctx.moveTo(x, top + height);
      ctx.lineTo(x + height, top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}

export function paintThresholds(
  plot: uPlot,
  thresholds: readonly Threshold[],
  token: (name: string) => string,
): void {
  const { ctx } = plot;
  const { left, width } = plot.bbox;
  for (const { value, level } of thresholds) {
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = token(`--${level}`);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(level === 'crit' ? [7, 4] : [3, 3]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.restore();
  }
}
