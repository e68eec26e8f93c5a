// Points: the drawn past of one card: a time axis and one line for each row. Pure; the newest window is its last point.

import type { Stat, Update } from '../../client/index.ts';

/** What a view of any span has (stepsOf), and a little. */
export const POINTS_MAX = 420;

export class Points {
  /** Window ends, in seconds since the epoch, ascending. */
  readonly times: number[] = [];
  readonly lines = new Map<string, (number | null)[]>();

  readonly stat: Stat;
  readonly nameOf: (tags: Readonly<Record<string, string>>) => string;

  constructor(stat: Stat, nameOf: (tags: Readonly<Record<string, string>>) => string) {
    this.stat = stat;
    this.nameOf = nameOf;
  }

  take(update: Update): void {
    const time = update.window[1] / 1000;
    if (update.kind === 'history') this.#insert(time);
    if (update.correction || update.kind === 'history') return this.#correct(time, update);
    this.#advance(time);
    const at = this.times.length - 1;
    for (const row of update.table.rows())
      this.#line(this.nameOf(update.table.tags(row)))[at] = update.table.get(row, this.stat);
    this.#forget();
  }

  /** The link was down: a gap, never a straight line over what nobody saw. */
  breakLine(): void {
    const last = this.times.at(-1);
    if (last === undefined || [...this.lines.values()].every((line) => line.at(-1) === null))
      return;
    this.#advance(last + 0.001);
  }

  #correct(time: number, update: Update): void {
    const at = this.times.lastIndexOf(time);
    if (at < 0) return;
    for (const row of update.table.rows())
      this.#line(this.nameOf(update.table.tags(row)))[at] = update.table.get(row, this.stat);
  }

  #advance(time: number): void {
    const last = this.times.at(-1);
    if (last !== undefined && time <= last) return;
    this.times.push(time);
    for (const line of this.lines.values()) line.push(null);
    if (this.times.length <= POINTS_MAX) return;
    this.times.shift();
    for (const line of this.lines.values()) line.shift();
  }

  /** A window of the past that was never drawn: it takes its place among the others. */
  #insert(time: number): void {
    const last = this.times.at(-1);
    if (last === undefined || time > last) return this.#advance(time);
    const at = this.times.findIndex((other) => other >= time);
    if (this.times[at] === time || this.times.length >= POINTS_MAX) return;
    this.times.splice(at, 0, time);
    for (const line of this.lines.values()) line.splice(at, 0, null);
  }

  #line(name: string): (number | null)[] {
    let line = this.lines.get(name);
    if (!line) {
      line = this.times.map(() => null);
      this.lines.set(name, line);
    }
    return line;
  }

  #forget(): void {
    for (const [name, line] of this.lines)
      if (line.every((value) => value === null)) this.lines.delete(name);
  }
}
