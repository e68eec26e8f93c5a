// Trace: one line's past, window by window, for what has no axes: tiles, bars, rows of the table. Pure.

export interface Reading {
  /** Where its window ends, in ms since the epoch. */
  readonly end: number;
  readonly value: number | null;
}

/** Two spans of at most 400 windows, and a little. */
const READINGS_MAX = 820;

export class Trace {
  /** Another number, another picture: not for each word about the newest window, which may come four times a second. */
  revision = 0;
  #readings: Reading[] = [];

  /** In its place by time; another of the same window is forgotten. */
  put(end: number, value: number | null): void {
    let at = this.#readings.length;
    while (at > 0 && (this.#readings[at - 1] as Reading).end >= end) at--;
    const known = this.#readings[at]?.end === end;
    if (!known || at < this.#readings.length - 1) this.revision++;
    this.#readings.splice(at, known ? 1 : 0, { end, value });
    if (this.#readings.length > READINGS_MAX) this.#readings.shift();
  }

  get newest(): Reading | undefined {
    return this.#readings.at(-1);
  }

  /** The windows that end in (start, end]. */
  between(start: number, end: number): Reading[] {
    return this.#readings.filter((reading) => reading.end > start && reading.end <= end);
  }

  /** Of the newest window at or before `end`, null when that is more than `age` ms old. */
  at(end: number, age = Number.POSITIVE_INFINITY): number | null {
    const reading = this.#readings.findLast((reading) => reading.end <= end);
    return reading && end - reading.end <= age ? reading.value : null;
  }

  /** The middle of what was known in (start, end]; null when that is less than `least` windows. */
  median(start: number, end: number, least = 3): number | null {
    const values = this.between(start, end).flatMap(({ value }) => (value === null ? [] : value));
    if (values.length < least) return null;
    values.sort((a, b) => a - b);
    const middle = Math.floor(values.length / 2);
    const [low, high] = [values[Math.ceil(values.length / 2) - 1], values[middle]];
    return ((low as number) + (high as number)) / 2;
  }

  clear(): void {
    this.#readings = [];
    this.revision++;
  }
}
