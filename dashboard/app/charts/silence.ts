// Silence: which rows had samples steadily and have none any more. Pure. Fed with counts of windows one after the other;
// time is that of the newest window, so that a link that is down silences nobody.

import type { Update } from '../../client/index.ts';

/** Seen in so many windows a row is known to come steadily. */
const STEADY_WINDOWS = 5;
/** It ends with the window of its last sample, and the window that shows this must close: said before five are over. */
const QUIET_SECONDS_MIN = 3;
/** Longer than its usual pauses, by this factor. */
const PAUSES = 2;
/** Of the quiet time so much was looked at, at least: a page that is told little has seen little. */
const WATCHED_SHARE = 0.5;

interface Seen {
  last: number;
  /** What had been looked at by then. */
  watched: number;
  windows: number;
  /** The longest of its pauses, in seconds, forgotten by and by. */
  pause: number;
}

export class Silence {
  readonly #seen = new Map<string, Seen>();
  #now = 0;
  /** How much time was looked at, in seconds: a slow page is not told every window, and knows nothing of the others. */
  #watched = 0;
  readonly #nameOf: (tags: Readonly<Record<string, string>>) => string;

  constructor(nameOf: (tags: Readonly<Record<string, string>>) => string) {
    this.#nameOf = nameOf;
  }

  take({ window, table }: Update): void {
    const [start, end] = [window[0] / 1000, window[1] / 1000];
    if (end > this.#now) {
      this.#watched += end - Math.max(start, this.#now);
      this.#now = end;
    }
    for (const row of table.rows())
      if ((table.get(row, 'count') ?? 0) > 0) this.#saw(this.#nameOf(table.tags(row)), end);
  }

  #saw(name: string, end: number): void {
    const watched = this.#watched;
    const seen = this.#seen.get(name);
    if (!seen) this.#seen.set(name, { last: end, watched, windows: 1, pause: 0 });
    else if (end > seen.last) {
      seen.pause = Math.max(seen.pause * 0.9, watched - seen.watched);
      seen.windows++;
      seen.last = end;
      seen.watched = watched;
    }
  }

  /** The rows that fell silent, with the time of their last sample, in seconds. */
  get silent(): Map<string, number> {
    const silent = new Map<string, number>();
    for (const [name, { last, watched, windows, pause }] of this.#seen) {
      const quiet = Math.max(QUIET_SECONDS_MIN, pause * PAUSES);
      if (
        windows >= STEADY_WINDOWS &&
        this.#now - last >= quiet &&
        this.#watched - watched >= quiet * WATCHED_SHARE
      )
        silent.set(name, last);
    }
    return silent;
  }

  get now(): number {
    return this.#now;
  }
}
