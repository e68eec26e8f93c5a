// Silence: which rows had samples steadily and have none any more. Pure. Fed with counts of windows one after the other;
// time is that of the newest window, so that a link that is down silences nobody.

import type { Update } from '../../client/index.ts';

/** Seen in so many windows a row is known to come steadily. */
const STEADY_WINDOWS = 5;
const QUIET_SECONDS_MIN = 3;
/** Longer than its usual pauses, by this factor. */
const PAUSES = 3;

interface Seen {
  last: number;
  windows: number;
  /** The longest of its pauses, in seconds, forgotten by and by. */
  pause: number;
}

export class Silence {
  readonly #seen = new Map<string, Seen>();
  #now = 0;
  readonly #nameOf: (tags: Readonly<Record<string, string>>) => string;

  constructor(nameOf: (tags: Readonly<Record<string, string>>) => string) {
    this.#nameOf = nameOf;
  }

  take({ window, table }: Update): void {
    const end = window[1] / 1000;
    this.#now = Math.max(this.#now, end);
    for (const row of table.rows())
      if ((table.get(row, 'count') ?? 0) > 0) this.#saw(this.#nameOf(table.tags(row)), end);
  }

  #saw(name: string, end: number): void {
    const seen = this.#seen.get(name);
    if (!seen) this.#seen.set(name, { last: end, windows: 1, pause: 0 });
    else if (end > seen.last) {
      seen.pause = Math.max(seen.pause * 0.9, end - seen.last);
      seen.windows++;
      seen.last = end;
    }
  }

  /** The rows that fell silent, with the time of their last sample, in seconds. */
  get silent(): Map<string, number> {
    const silent = new Map<string, number>();
    for (const [name, { last, windows, pause }] of this.#seen)
      if (
        windows >= STEADY_WINDOWS &&
        this.#now - last > Math.max(QUIET_SECONDS_MIN, pause * PAUSES)
      )
        silent.set(name, last);
    return silent;
  }

  get now(): number {
    return this.#now;
  }
}
