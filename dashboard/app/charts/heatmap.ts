// Heatmap: how a timer's values are distributed over time: a column for each window, a row for each band of values, with
// p50 and p99 over it. Own canvas, painted only when a window closed or the look changed; what follows the pointer is DOM
// over it. Knows no framework: its owner feeds `columns` and calls draw() from the frame loop.

import type { Theme } from '../colours.ts';
import { marksOf, type WeirEvent } from '../events.ts';
import type { Unit } from '../units.ts';
import { type Bands, boundsOf, fit, rowsOf, tally, valueAt } from './bands.ts';
import { type HeatColumn, HeatColumns } from './heat-columns.ts';
import { HeatTip } from './heat-tip.ts';
import './heatmap.css';
import { type Frame, paintAxes, paintCells, paintLines } from './heat-paint.ts';
import { type Ground, Marks } from './marks.ts';

export interface HeatLook {
  theme: Theme;
  unit: Unit;
  /** The right edge of the time axis, in ms; its columns end at or before it. */
  end: number;
  spanMs: number;
  /** From one window's end to the next. */
  stepMs: number;
  events: readonly WeirEvent[];
  /** The moment that all charts point at, in ms. */
  crosshair: number | null;
}

/** What stands at a point of the picture. */
export interface Spot {
  /** Its window's end, in ms. */
  time: number;
  low: number;
  high: number;
  count: number;
  column: HeatColumn | undefined;
}
/** A part of the picture: moments and values. */
export interface Box {
  start: number;
  end: number;
  low: number;
  high: number;
}

const ROOM = { left: 56, right: 4, top: 18, bottom: 24 };
const LATE_STEPS = 2;
/** Bands are at least so high, so that each can be pointed at. */
const ROW_HEIGHT_MIN = 3.5;

export class Heatmap {
  readonly columns = new HeatColumns();
  /** Told the moment under the pointer, for the crosshair of other charts; null when it leaves. */
  onPoint: ((time: number | null) => void) | null = null;

  readonly host: HTMLElement;
  readonly #canvas = document.createElement('canvas');
  readonly #over = document.createElement('div');
  readonly #ground: Ground;
  readonly #marks = new Marks();
  readonly #tip: HeatTip;
  #painted = '';
  #frame: Frame | null = null;
  #pointer: { x: number; y: number } | null = null;

  constructor(host: HTMLElement) {
    this.host = host;
    this.#over.className = 'heat-over';
    this.#tip = new HeatTip(this.#over);
    host.classList.add('heat');
    host.append(this.#canvas, this.#over);
    this.#ground = { over: this.#over, valToPos: (seconds) => this.xOf(seconds * 1000) };
    this.#marks.join(this.#ground);
    this.#over.addEventListener('pointermove', (event) => this.#point(event));
    this.#over.addEventListener('pointerleave', () => this.#leave());
  }

  draw(look: HeatLook): void {
    const [width, height] = [this.host.clientWidth, this.host.clientHeight];
    if (width <= ROOM.left + ROOM.right || height <= ROOM.top + ROOM.bottom) return;
    const end = this.#endOf(look);
    const steps = Math.max(1, Math.round(look.spanMs / look.stepMs));
    const picture = [this.columns.revision, end, steps, look.stepMs, width, height];
    const made = JSON.stringify([...picture, devicePixelRatio, look.theme, look.unit]);
    if (made !== this.#painted) {
      this.#painted = made;
      this.#paint(look, end, steps, width, height);
    }
    const frame = this.#frame as Frame;
    this.#marks.draw(marksOf(look.events, frame.start, frame.end), this.#ground);
    this.#follow(look);
  }

  /** The newest window is the last column until the next one is late: no empty column comes and goes at the edge. */
  #endOf({ end, stepMs }: HeatLook): number {
    const last = Math.floor(end / stepMs) * stepMs;
    const newest = this.columns.newest?.end ?? 0;
    return newest <= last && last - newest <= LATE_STEPS * stepMs ? newest : last;
  }

  destroy(): void {
    this.#canvas.remove();
    this.#over.remove();
    this.host.classList.remove('heat');
  }

  /** From the left of the plot, in CSS pixels; 0 before the first draw(). */
  xOf(time: number): number {
    if (!this.#frame) return 0;
    const { start, end, plot } = this.#frame;
    return ((time - start) / (end - start)) * plot.width;
  }

  /** What is drawn at this point of the plot, in CSS pixels from its upper left corner. */
  spotAt(x: number, y: number): Spot | null {
    if (!this.#frame) return null;
    const { plot, steps, start, stepMs, bands, counts } = this.#frame;
    const step = Math.floor((x / plot.width) * steps);
    if (!bands || step < 0 || step >= steps || y < 0 || y >= plot.height) return null;
    const rows = rowsOf(bands);
    const row = Math.floor((1 - y / plot.height) * rows);
    const time = start + (step + 1) * stepMs;
    const column = this.columns.endingAt(time);
    return { time, ...boundsOf(bands, row), count: counts[step * rows + row] ?? 0, column };
  }

  /** The moments and values between two points of the plot. */
  boxOf(x0: number, y0: number, x1: number, y1: number): Box | null {
    if (!this.#frame?.bands) return null;
    const { plot, start, end, bands } = this.#frame;
    const timeAt = (x: number) =>
      start + (Math.min(Math.max(x, 0), plot.width) / plot.width) * (end - start);
    const at = (y: number) =>
      valueAt(bands, (1 - Math.min(Math.max(y, 0), plot.height) / plot.height) * rowsOf(bands));
    return {
      start: timeAt(Math.min(x0, x1)),
      end: timeAt(Math.max(x0, x1)),
      low: at(Math.max(y0, y1)),
      high: at(Math.min(y0, y1)),
    };
  }

  /** Over the plot, for what its owner lets a person do there. */
  get over(): HTMLElement {
    return this.#over;
  }

  #paint(look: HeatLook, end: number, steps: number, width: number, height: number): void {
    const plot = {
      left: ROOM.left,
      top: ROOM.top,
      width: width - ROOM.left - ROOM.right,
      height: height - ROOM.top - ROOM.bottom,
    };
    const { stepMs, theme, unit } = look;
    const start = end - steps * stepMs;
    const columns = this.columns.between(start, end);
    const cells = columns.flatMap((column) => [...column.cells.values()]);
    const bands = fit(cells, Math.floor(plot.height / ROW_HEIGHT_MIN), this.#frame?.bands ?? null);
    const frame: Frame = { plot, start, end, steps, stepMs, bands, counts: new Float64Array(0) };
    if (bands) frame.counts = countsOf(frame, bands, columns);
    this.#frame = frame;
    const context = this.#resize(width, height);
    if (!context) return;
    const token = (name: string) => getComputedStyle(this.host).getPropertyValue(name).trim();
    paintAxes(context, frame, unit, token);
    paintCells(context, frame, theme);
    paintLines(context, frame, columns, token);
    Object.assign(this.#over.style, {
      left: `${plot.left}px`,
      top: `${plot.top}px`,
      width: `${plot.width}px`,
      height: `${plot.height}px`,
    });
  }

  /** Cleared, in CSS pixels. */
  #resize(width: number, height: number): CanvasRenderingContext2D | null {
    const canvas = this.#canvas;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = canvas.getContext('2d');
    context?.scale(devicePixelRatio, devicePixelRatio);
    return context;
  }

  #point(event: PointerEvent): void {
    const box = this.#over.getBoundingClientRect();
    this.#pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
    this.onPoint?.(this.#spot()?.time ?? null);
  }

  #leave(): void {
    this.#pointer = null;
    this.#tip.hide();
    this.onPoint?.(null);
  }

  #spot(): Spot | null {
    return this.#pointer ? this.spotAt(this.#pointer.x, this.#pointer.y) : null;
  }

  /** The picture moves on under a pointer that rests. */
  #follow({ crosshair, unit }: HeatLook): void {
    const { start, end, plot } = this.#frame as Frame;
    const spot = this.#spot();
    const time = spot?.time ?? crosshair;
    const line = time !== null && time > start && time <= end ? this.xOf(time) : null;
    this.#tip.line(line);
    if (spot && this.#pointer) this.#tip.show(spot, unit, this.#pointer, plot);
    else this.#tip.hide();
  }
}

/** [step][row] */
function countsOf(frame: Frame, bands: Bands, columns: readonly HeatColumn[]): Float64Array {
  const rows = rowsOf(bands);
  const counts = new Float64Array(frame.steps * rows);
  for (const column of columns) {
    const step = Math.ceil((column.end - frame.start) / frame.stepMs) - 1;
    for (const list of column.cells.values()) tally(bands, list, counts, step * rows);
  }
  return counts;
}
