// Rates: how fast counters grow, from what was read over the last seconds. Pure: the server's own clock is in each
// reading.

/** Rates are over this span, once it has passed. */
const SPAN_MS = 10_000;

export type Counters = Readonly<Record<string, number>>;

export class Rates {
  #readings: { at: number; epoch: string; counters: Counters }[] = [];

  /** `epoch` names the run of the server: another one counts from 0. */
  take(at: number, epoch: string, counters: Counters): void {
    const last = this.#readings.at(-1);
    if (last && (last.epoch !== epoch || at < last.at)) this.#readings = [];
    if (last?.at === at) return;
    this.#readings.push({ at, epoch, counters });
    while ((this.#readings[1]?.at ?? at) <= at - SPAN_MS) this.#readings.shift();
  }

  /** A second, of one counter; null before there are two readings. One that is new began at 0. */
  of(key: string): number | null {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || !last || first === last) return null;
    const grown = (last.counters[key] ?? 0) - (first.counters[key] ?? 0);
    return Math.max(0, grown / ((last.at - first.at) / 1000));
  }
}
