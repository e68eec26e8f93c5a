// TileFace: the changing parts of one tile, written by the frame loop: its number, its change, its line. DOM, and only text
// in it; the frame around them is tiles.tsx.

import { Sparkline } from '../charts/sparkline.ts';
import type { Trace } from '../charts/trace.ts';
import type { Change } from './change.ts';

export interface Face {
  number: string;
  unit: string;
  /** The value itself, for tests and scripts; empty when nothing is known. */
  raw: number | null;
  change: Change;
  /** The threshold that it passed; the frame shows it, too. */
  over?: { level: 'warn' | 'crit'; shape: string; text: string } | undefined;
  trace: Trace;
  end: number;
  spanMs: number;
  stepMs: number;
}

function write(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

export class TileFace {
  readonly #root: HTMLElement;
  readonly #spark: Sparkline;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#spark = new Sparkline(root.querySelector('canvas') as HTMLCanvasElement);
  }

  draw(face: Face): void {
    const root = this.#root;
    const { change } = face;
    write(root.querySelector('.figure-number'), face.number);
    write(root.querySelector('.figure-unit'), face.unit);
    write(root.querySelector('.change-shape'), change.shape);
    write(root.querySelector('.change-text'), change.text);
    write(root.querySelector('.said'), change.said && `, ${change.said}`);
    const { dataset } = root;
    const raw = String(face.raw ?? '');
    if (dataset.raw !== raw) dataset.raw = raw;
    if (dataset.change !== change.level) dataset.change = change.level;
    const over = face.over?.level ?? '';
    if (dataset.over !== over) dataset.over = over;
    write(root.querySelector('.figure-over i'), face.over?.shape ?? '');
    write(root.querySelector('.figure-over span'), face.over?.text ?? '');
    const colour = getComputedStyle(root).getPropertyValue('--tile').trim();
    const { trace, end, spanMs, stepMs } = face;
    this.#spark.draw(trace, { end, spanMs, stepMs, colour, filled: true });
  }
}
