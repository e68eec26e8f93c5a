// Source: one query over the shown span: as its windows move on, or of the past. Whoever reads it need not know which.

import type { Duration, Query, Range, Table, Update } from '../client/index.ts';
import type { Gateway } from './gateway.ts';

export interface Span {
  /** 0: the newest window alone. */
  spanMs: number;
  /** The right edge: now, or a moment in ms since the epoch. */
  at: 'live' | number;
  /** How often at most, while live. */
  rate?: Duration;
}
export interface Reader {
  update(update: Update): void;
  /** The link is down: what comes next does not follow what came. */
  stale?(): void;
  /** All of the past came; while live: the first whole table did. */
  whole?(): void;
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

/** A page as a subscriber would have had it, window by window; `told` are the moments of the pages before. */
export function* updatesOf(page: Range, told = new Set<number>()): Generator<Update> {
  for (const [at, time] of page.ts.entries()) {
    yield {
      kind: 'history',
      window: [time - page.window, time],
      final: true,
      // What a later page says of a moment adds to what an earlier one said.
      correction: told.has(time),
      coverage: 1,
      changed: NONE,
      removed: NONE,
      table: new PastTable(page, at),
    };
    told.add(time);
  }
}

/** A connection may ask eight ranges at once; other parts of the page ask, too. */
const PAST_AT_ONCE = 4;
let asking = 0;
const waiting: (() => void)[] = [];

/** One after the other where there are many: who was called off meanwhile asks nothing. */
async function inTurn(signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
  if (asking >= PAST_AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  asking++;
  try {
    if (!signal.aborted) await ask();
  } finally {
    asking--;
    waiting.shift()?.();
  }
}

function watchPast(
  { weir }: Gateway,
  query: Query,
  end: number,
  spanMs: number,
  reader: Reader,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const all = async () => {
    const told = new Set<number>();
    for await (const page of weir.range(query, { start: end - spanMs, end, signal }))
      for (const update of updatesOf(page, told)) reader.update(update);
    reader.whole?.();
  };
  inTurn(signal, all).catch((error: Error) => {
    if (!signal.aborted) reader.failed?.(error);
  });
  return () => stop.abort();
}

/** Returns how to stop. */
export function watch(
  gateway: Gateway,
  query: Query,
  { spanMs, at, rate = '1s' }: Span,
  reader: Reader,
): () => void {
  if (at !== 'live') return watchPast(gateway, query, at, spanMs, reader);
  const past = spanMs > 0 ? { history: spanMs } : {};
  const subscription = gateway.weir.subscribe(query, { rate, ...past });
  const offs = [
    subscription.on('update', (update) => {
      gateway.heard();
      reader.update(update);
    }),
    subscription.on('state', (state) => state === 'stale' && reader.stale?.()),
    subscription.on('error', (error) => reader.failed?.(error)),
  ];
  // What is refused is told as an error.
  subscription.ready.then(
    () => reader.whole?.(),
    () => {},
  );
  return () => {
    for (const off of offs) off();
    subscription.close();
  };
}
