// Intake: what the gateway itself took in and lost, from the ledgers of /api/v1/status as they are read. Pure.

import { Trace } from '../charts/trace.ts';
import type { Status } from '../gateway.ts';
import { ledgersOf } from '../health/ledgers.ts';
import { Rates } from '../health/rates.ts';

export class Intake {
  /** A second, over the last ten. */
  readonly samples = new Trace();
  readonly losses = new Trace();
  /** Since the gateway started. */
  produced = 0;
  lost = 0;
  readonly #rates = new Rates();
  readonly #totals = new Trace();
  #epoch = '';

  take({ now, epoch, ingest }: Status): void {
    if (!ingest) return;
    if (epoch !== this.#epoch) this.#totals.clear();
    this.#epoch = epoch;
    this.produced = 0;
    this.lost = 0;
    for (const feed of ingest.feeds) {
      this.produced += feed.samples.produced;
      for (const { parts } of ledgersOf(feed))
        for (const { fate, count } of parts) if (fate === 'lost') this.lost += count;
    }
    this.#rates.take(now, epoch, { produced: this.produced, lost: this.lost });
    this.samples.put(now, this.#rates.of('produced'));
    this.losses.put(now, this.#rates.of('lost'));
    this.#totals.put(now, this.lost);
  }

  /** Lost within the span, or since the first reading where that is shorter: how many, in how many ms. */
  lostWithin(spanMs: number): { lost: number; ms: number } {
    const end = this.#totals.newest?.end ?? 0;
    const [first] = this.#totals.between(end - spanMs - 1, end);
    if (!first) return { lost: 0, ms: 0 };
    return { lost: this.lost - (first.value ?? 0), ms: end - first.end };
  }
}
