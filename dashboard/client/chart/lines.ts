// Lines: what a <weir-chart> has been told, as one line for each group. Pure: knows no canvas and no clock.

import type { Stat, Table, Update } from 'weir-client';

/** Points of a line; a longer span keeps the newest. */
const POINTS_MAX = 4_000;
/** Groups that are kept; further ones are left out until one of these has no points any more. */
const LINES_MAX = 64;

export interface Line {
  name: string;
  /** [end of the window in ms, value], ascending; a null is a gap. */
  points: [at: number, value: number | null][];
}

export interface View {
  start: number;
  end: number;
  low: number;
  high: number;
  /** Windows end this far apart, in ms; what is further apart is not joined. 0 when it is not known. */
  step: number;
  lines: Line[];
}

export class Lines {
  #lines = new Map<string, Line>();
  #step = 0;
  #newest = 0;
  readonly spanMs: number;
  readonly stat: Stat;

  constructor(spanMs = 300_000, stat: Stat = 'mean') {
    this.spanMs = spanMs;
    this.stat = stat;
  }

  get size(): number {
    return this.#lines.size;
  }

  take({ kind, window, correction, changed, table }: Update): void {
    const end = window[1];
    // An update says what changed; the rest of the newest window is as it was.
    const rows = correction || kind === 'history' ? changed : table.rows();
    for (const row of rows) this.#set(nameOf(table.tags(row)), end, table as Table, row);
    if (this.#newest > 0 && end > this.#newest) {
      const step = end - this.#newest;
      this.#step = this.#step ? Math.min(this.#step, step) : step;
    }
    this.#newest = Math.max(this.#newest, end);
    this.#forget();
  }

  #set(name: string, at: number, table: Table, row: number): void {
    let line = this.#lines.get(name);
    if (!line) {
      if (this.#lines.size >= LINES_MAX) return;
      line = { name, points: [] };
      this.#lines.set(name, line);
    }
    const { points } = line;
    const value = table.get(row, this.stat);
    let place = points.length;
    while (place > 0 && (points[place - 1] as [number, unknown])[0] > at) place--;
    if (points[place - 1]?.[0] === at) (points[place - 1] as [number, unknown])[1] = value;
    else points.splice(place, 0, [at, value]);
  }

  #forget(): void {
    const oldest = this.#newest - this.spanMs - this.#step;
    for (const [name, { points }] of this.#lines) {
      const kept = points.findIndex(([at]) => at >= oldest);
      points.splice(0, Math.max(kept < 0 ? points.length : kept, points.length - POINTS_MAX));
      if (points.length === 0) this.#lines.delete(name);
    }
  }

  /** What is to be seen now: the `most` lines with the highest newest values, in the order of their names. */
  view(now: number, most: number): View {
    const start = now - this.spanMs;
    const lines = [...this.#lines.values()]
      .sort((a, b) => (latest(b) ?? -Infinity) - (latest(a) ?? -Infinity))
      .slice(0, most)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    let low = Infinity;
    let high = -Infinity;
    for (const { points } of lines)
      for (const [at, value] of points)
        if (value !== null && at >= start) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
    if (low > high) [low, high] = [0, 1];
    if (low > 0 && low < high * 0.5) low = 0; // a line near zero is shown as near zero
    if (low === high) [low, high] = [Math.min(0, low), Math.max(0, high) || 1];
    return { start, end: now, low, high, step: this.#step, lines };
  }

  /** The newest value of each line, highest first. */
  words(now: number): string {
    const { lines, start } = this.view(now, LINES_MAX);
    const said = lines
      .map((line) => [line.name, latest(line)] as const)
      .sort(([, a], [, b]) => (b ?? -Infinity) - (a ?? -Infinity))
      .map(
        ([name, value]) => `${name ? `${name} ` : ''}${value === null ? 'no value' : short(value)}`,
      );
    const more = said.length > 8 ? `, and ${said.length - 8} more` : '';
    return `${said.slice(0, 8).join(', ')}${more}, over ${Math.round((now - start) / 1000)} seconds`;
  }
}

export const latest = ({ points }: Line) => points.at(-1)?.[1] ?? null;

/** Three significant figures: 0.0123, 12.3, 4.56k, 7.89M. */
export function short(value: number): string {
  const size = Math.abs(value);
  const step = size >= 1e12 || size < 1_000 ? 0 : Math.floor(Math.log10(size) / 3);
  return `${Number((value / 1000 ** step).toPrecision(3))}${['', 'k', 'M', 'G'][step]}`;
}

const nameOf = (tags: Readonly<Record<string, string>>) => Object.values(tags).join(' ');
