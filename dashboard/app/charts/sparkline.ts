// Sparkline: a line without axes, on a canvas of its own. Painted only when it would be another picture.

import type { Trace } from './trace.ts';

export interface SparkLook {
  /** In ms; the picture ends at the newest window when that is not late. */
  end: number;
  spanMs: number;
  stepMs: number;
  colour: string;
  /** Whether the surface below the line is tinted. */
  filled: boolean;
}

/** Windows that may be missing before the line's end is shown to be late. */
const LATE_STEPS = 2.5;
/** Of the span: a gap that is seen. What is older may be known by fewer windows than what is new. */
const GAP_LEAST = 1 / 20;
/** Of the greatest value: less of a movement than this is not made to look like more. */
const RANGE_LEAST = 0.2;
const EDGE = 2;

interface Point {
  x: number;
  y: number;
  /** Nothing was known before it. */
  begins: boolean;
}

export class Sparkline {
  readonly #canvas: HTMLCanvasElement;
  #painted = '';

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(trace: Trace, look: SparkLook): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0 || height === 0) return;
    const newest = trace.newest?.end ?? 0;
    const isLate = newest > look.end || look.end - newest > LATE_STEPS * look.stepMs;
    const end = isLate ? look.end - (look.end % look.stepMs) : newest;
    const made = JSON.stringify([trace.revision, end, look.spanMs, look.colour, width, height]);
    if (made === this.#painted) return;
    this.#painted = made;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    paint(context, pointsOf(trace, end, look, width, height), look, height);
  }
}

function pointsOf(
  trace: Trace,
  end: number,
  { spanMs, stepMs }: SparkLook,
  width: number,
  height: number,
): Point[] {
  const known = trace.between(end - spanMs, end).filter(({ value }) => value !== null);
  const values = known.map(({ value }) => value as number);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const range = Math.max(max - min, Math.max(Math.abs(max), Math.abs(min)) * RANGE_LEAST) || 1;
  let before = Number.NEGATIVE_INFINITY;
  return known.map(({ end: at, value }) => {
    const begins = at - before > Math.max(LATE_STEPS * stepMs, GAP_LEAST * spanMs);
    before = at;
    return {
      x: ((at - (end - spanMs)) / spanMs) * width,
      y: height - EDGE - (((value as number) - min) / range) * (height - 2 * EDGE),
      begins,
    };
  });
}

function paint(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  { colour, filled }: SparkLook,
  height: number,
): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  let run: Point[] = [];
  const finish = () => {
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) return;
    const line = new Path2D();
    for (const { x, y } of run) line.lineTo(x, y);
    // A single window is a dot, not nothing.
    if (run.length === 1) line.lineTo(first.x + 1, first.y);
    context.stroke(line);
    if (!filled) return;
    line.lineTo(last.x, height);
    line.lineTo(first.x, height);
    context.globalAlpha = 0.18;
    context.fill(line);
    context.globalAlpha = 1;
  };
  for (const point of points) {
    if (point.begins) {
      finish();
      run = [];
    }
    run.push(point);
  }
  finish();
}
