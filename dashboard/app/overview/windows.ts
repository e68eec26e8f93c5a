// Windows: one query over the shown span, window by window: as they close, or of the past.

import type { Duration, Query, Range, Table, Update, Weir } from '../../client/index.ts';

export interface Span {
  spanMs: number;
  /** The right edge: now, or a moment in ms since the epoch. */
  at: 'live' | number;
  /** How often at most, while live. */
  rate: Duration;
}
export interface WindowReader {
  update(update: Update): void;
  failed?(error: Error): void;
}

const NONE = new Uint32Array();

/** One moment of a page of the past. */
class PastTable implements Table {
  readonly #page: Range;
  readonly #at: number;

  constructor(page: Range, at: number) {
    this.#page = page;
    this.#at = at;
  }
  get size(): number {
    return this.#page.k.length;
  }
  rows(): IterableIterator<number> {
    return this.#page.k.keys();
  }
  get(row: number, stat: string): number | null {
    const cell = this.#cell(row, stat);
    return typeof cell === 'number' ? cell : null;
  }
  list(row: number, stat: string) {
    const cell = this.#cell(row, stat);
    return typeof cell === 'object' ? cell : null;
  }
  tags(row: number): Record<string, string> {
    const key = this.#page.k[row] ?? [];
    return Object.fromEntries(this.#page.by.map((name, at) => [name, key[at] ?? '']));
  }
  find(tags: Record<string, string>): number {
    return this.#page.k.findIndex((key) =>
      this.#page.by.every((name, at) => (tags[name] ?? '') === key[at]),
    );
  }
  #cell(row: number, stat: string) {
    return this.#page.c[this.#page.fields.indexOf(stat)]?.[row]?.[this.#at] ?? null;
  }
}

async function tellPast(
  weir: Weir,
  query: Query,
  end: number,
  spanMs: number,
  reader: WindowReader,
  signal: AbortSignal,
): Promise<void> {
  // What a later page says of a moment adds to what an earlier one said.
  const told = new Set<number>();
  for await (const page of weir.range(query, { start: end - spanMs, end, signal }))
    page.ts.forEach((time, at) => {
      reader.update({
        kind: 'history',
        window: [time - page.window, time],
        final: true,
        correction: told.has(time),
        coverage: 1,
        changed: NONE,
        removed: NONE,
        table: new PastTable(page, at),
      });
      told.add(time);
    });
}

/** Returns how to stop. */
export function watchWindows(
  weir: Weir,
  query: Query,
  { spanMs, at, rate }: Span,
  reader: WindowReader,
): () => void {
  if (at !== 'live') {
    const stop = new AbortController();
    tellPast(weir, query, at, spanMs, reader, stop.signal).catch((error) => {
      if (!stop.signal.aborted) reader.failed?.(error);
    });
    return () => stop.abort();
  }
  const subscription = weir.subscribe(query, { rate, history: spanMs });
  const offs = [
    subscription.on('update', (update) => reader.update(update)),
    subscription.on('error', (error) => reader.failed?.(error)),
  ];
  return () => {
    for (const off of offs) off();
    subscription.close();
  };
}

/** Seconds that roll-ups are made of, and few enough columns that each can be seen. */
const STEPS_MS = [1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 21_600].map(
  (seconds) => seconds * 1000,
);
const COLUMNS_MOST = 180;

/** How long the windows are that stand beside each other in a picture of this span. */
export const columnMs = (spanMs: number): number =>
  STEPS_MS.find((step) => spanMs / step <= COLUMNS_MOST) ?? 21_600_000;
