// LineChart: uPlot under our tokens. Drawn from Points; its time axis follows the clock, not the data.

import uPlot from 'uplot';
import { strokes, type Theme } from '../colours.ts';
import { marksOf, type WeirEvent } from '../events.ts';
import { showText, type Unit } from '../units.ts';
import { Marks } from './marks.ts';
import type { Points } from './points.ts';

const HEIGHT = 132;
const LINES_MAX = 8;

export interface ChartLook {
  theme: Theme;
  unit: Unit;
  spanSeconds: number;
  /** The right edge of the time axis, in ms; without it: now. */
  end?: number;
  events: readonly WeirEvent[];
}

export class LineChart {
  #plot: uPlot | null = null;
  #made = '';
  readonly #marks = new Marks();

  readonly host: HTMLElement;
  readonly points: Points;
  readonly height: number;

  constructor(host: HTMLElement, points: Points, height = HEIGHT) {
    this.host = host;
    this.points = points;
    this.height = height;
  }

  draw(look: ChartLook): void {
    const names = this.#names();
    const width = this.host.clientWidth;
    if (width === 0) return;
    const made = JSON.stringify([names, look.theme, look.unit]);
    if (made !== this.#made) {
      this.#plot?.destroy();
      this.#plot = new uPlot(
        options(this.host, names, look, [width, this.height]),
        [[]],
        this.host,
      );
      this.#marks.join(this.#plot);
      this.#made = made;
    }
    const plot = this.#plot as uPlot;
    if (plot.width !== width) plot.setSize({ width, height: this.height });
    const now = (look.end ?? Date.now()) / 1000;
    plot.batch(() => {
      plot.setData(
        [
          this.points.times,
          ...names.map((name) => this.points.lines.get(name) ?? []),
        ] as uPlot.AlignedData,
        false,
      );
      plot.setScale('x', { min: now - look.spanSeconds, max: now });
      plot.setScale('y', this.#range(now - look.spanSeconds, names));
    });
    this.#marks.draw(marksOf(look.events, (now - look.spanSeconds) * 1000, now * 1000), plot);
  }

  destroy(): void {
    this.#plot?.destroy();
  }

  /** More than fit: those with the greatest newest values. */
  #names(): string[] {
    const newest = (name: string) =>
      this.points.lines.get(name)?.at(-1) ?? Number.NEGATIVE_INFINITY;
    const all = [...this.points.lines.keys()];
    return all.length <= LINES_MAX
      ? all
      : all.sort((a, b) => newest(b) - newest(a)).slice(0, LINES_MAX);
  }

  #range(from: number, names: readonly string[]): { min: number; max: number } {
    let min = 0;
    let max = Number.NEGATIVE_INFINITY;
    const first = this.points.times.findIndex((time) => time >= from);
    for (const name of names)
      for (const value of this.points.lines.get(name)?.slice(Math.max(first, 0)) ?? [])
        if (value !== null) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
    if (!(max > min)) max = min + 1;
    return { min, max: max + (max - min) * 0.08 };
  }
}

function options(
  host: HTMLElement,
  names: readonly string[],
  look: ChartLook,
  [width, height]: [number, number],
): uPlot.Options {
  const token = (name: string) => getComputedStyle(host).getPropertyValue(name).trim();
  const colours = strokes(names, look.theme);
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
          stroke: stroke?.colour ?? token('--accent'),
          width: 1,
          points: { show: false },
          ...(stroke?.dashed ? { dash: [5, 3] } : {}),
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
