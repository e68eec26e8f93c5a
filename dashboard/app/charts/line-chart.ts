// LineChart: uPlot under our tokens. Drawn from Points; its time axis follows the clock or the moment that is looked at, not
// the data. What follows the pointer and the crosshair is Pointing's.

import uPlot from 'uplot';
import { strokes, type Theme } from '../colours.ts';
import { marksOf, type WeirEvent } from '../events.ts';
import { showText, type Unit } from '../units.ts';
import { Fold, type Folded, OTHER } from './fold.ts';
import { Marks } from './marks.ts';
import { missingIn, paintHatch, paintThresholds } from './over-lines.ts';
import { Pointing } from './pointing.ts';
import type { Points } from './points.ts';

const HEIGHT = 132;

/** A line across the chart, at a value that should not be passed. */
export interface Threshold {
  value: number;
  level: 'warn' | 'crit';
}
export interface ChartLook {
  theme: Theme;
  unit: Unit;
  spanSeconds: number;
  /** The right edge of the time axis, in ms; without it: now. */
  end?: number;
  events: readonly WeirEvent[];
  /** From one point to the next, in seconds; where it is known, what is missing is hatched. */
  stepSeconds?: number;
  thresholds?: readonly Threshold[];
  /** Where a line ends because nothing came since, in seconds. */
  ended?: ReadonlyMap<string, number>;
}

export class LineChart {
  #plot: uPlot | null = null;
  #made = '';
  #look: ChartLook | null = null;
  #fold: Fold;
  #folds: Points;
  readonly #marks = new Marks();
  readonly #pointing = new Pointing();
  readonly host: HTMLElement;
  readonly height: number;
  points: Points;

  constructor(host: HTMLElement, points: Points, height = HEIGHT) {
    this.host = host;
    this.points = points;
    this.height = height;
    this.#fold = new Fold(points.stat);
    this.#folds = points;
  }

  /** What is drawn of the points. */
  get folded(): Folded {
    if (this.#folds !== this.points) {
      this.#fold = new Fold(this.points.stat);
      this.#folds = this.points;
    }
    return this.#fold.of(this.points.lines);
  }

  draw(look: ChartLook): void {
    const drawn = this.folded.lines;
    const names = [...drawn.keys()];
    const width = this.host.clientWidth;
    if (width === 0) return;
    this.#look = look;
    const plot = this.#plotFor(names, look, width);
    if (plot.width !== width) plot.setSize({ width, height: this.height });
    const now = (look.end ?? Date.now()) / 1000;
    const lines = [...drawn].map(([name, line]) => endedAt(line, this.points.times, look, name));
    plot.batch(() => {
      plot.setData([this.points.times, ...lines] as uPlot.AlignedData, false);
      plot.setScale('x', { min: now - look.spanSeconds, max: now });
      plot.setScale('y', this.#range(now - look.spanSeconds, now, lines));
    });
    this.#marks.draw(marksOf(look.events, (now - look.spanSeconds) * 1000, now * 1000), plot);
    this.#pointing.draw(plot, this.points.times, lines);
  }

  destroy(): void {
    this.#plot?.destroy();
  }

  /** Made anew only when its lines or its looks are others. */
  #plotFor(names: readonly string[], look: ChartLook, width: number): uPlot {
    const made = JSON.stringify([names, look.theme, look.unit]);
    if (this.#plot && made === this.#made) return this.#plot;
    this.#plot?.destroy();
    const size: [number, number] = [width, this.height];
    this.#plot = new uPlot(options(this.host, names, look, size, this.#paint), [[]], this.host);
    this.#marks.join(this.#plot);
    this.#pointing.join(this.#plot);
    this.#made = made;
    return this.#plot;
  }

  /** Under the lines: what is not known. Over the grid: what should not be passed. */
  readonly #paint = (plot: uPlot): void => {
    const look = this.#look;
    if (!look) return;
    const token = (name: string) => getComputedStyle(this.host).getPropertyValue(name).trim();
    const step = look.stepSeconds;
    if (step) {
      const end = (look.end ?? Date.now()) / 1000;
      paintHatch(plot, missingIn(this.points.times, end, step), token('--strong'));
    }
    paintThresholds(plot, look.thresholds ?? [], token);
  };

  #range(
    from: number,
    to: number,
    lines: readonly (readonly (number | null)[])[],
  ): { min: number; max: number } {
    let min = 0;
    let max = Number.NEGATIVE_INFINITY;
    this.points.times.forEach((time, at) => {
      if (time < from || time > to) return;
      for (const line of lines) {
        const value = line[at] ?? null;
        if (value === null) continue;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    });
    for (const { value } of this.#look?.thresholds ?? []) max = Math.max(max, value);
    if (!(max > min)) max = min + 1;
    return { min, max: max + (max - min) * 0.08 };
  }
}

/** A line of which nothing came since ends there: what a longer window still says of it is no news. */
function endedAt(
  line: readonly (number | null)[],
  times: readonly number[],
  { ended }: ChartLook,
  name: string,
): readonly (number | null)[] {
  const end = ended?.get(name);
  if (end === undefined) return line;
  return line.map((value, at) => ((times[at] ?? 0) > end ? null : value));
}

function options(
  host: HTMLElement,
  names: readonly string[],
  look: ChartLook,
  [width, height]: [number, number],
  paint: (plot: uPlot) => void,
): uPlot.Options {
  const token = (name: string) => getComputedStyle(host).getPropertyValue(name).trim();
  const colours = strokes(
    names.filter((name) => name !== OTHER),
    look.theme,
  );
  const axis = {
    stroke: token('--text-3'),
    font: '11px Inter, system-ui, sans-serif',
    ticks: { show: false },
  };
  const grid = { stroke: token('--grid'), width: 1 };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    hooks: { drawAxes: [paint] },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 70,
        values: (_, splits) => splits.map(clockText),
      },
      {
        ...axis,
        grid,
        size: (_, labels) => widthOf(labels),
        space: 30,
        values: (_, splits) => splits.map((value) => showText(value, look.unit)),
      },
    ],
    series: [
      {},
      ...names.map((name) => {
        const stroke = colours.get(name);
        return {
          stroke: stroke?.colour ?? token('--text-3'),
          width: 1,
          points: { show: false },
          ...(stroke && !stroke.dashed ? {} : { dash: stroke ? [5, 3] : [2, 3] }),
        };
      }),
    ],
  };
}

/** Room for the longest label, in steps, so that a chart does not breathe with its numbers. */
function widthOf(labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return 12 + Math.ceil(longest / 3) * 20;
}

function clockText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const text = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.getSeconds() === 0 ? text : `${text}:${two(date.getSeconds())}`;
}
