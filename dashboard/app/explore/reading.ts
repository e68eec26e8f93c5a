// Reading: one query over the shown span, live or past, as updates of the SDK: what draws need not know which.

import type { Query, Range, Stat, Subscription, Table, Update, Weir } from '../../client/index.ts';

export interface Span {
  spanMs: number;
  at: 'live' | number;
  stepMs: number;
  /** How often at most, while it is live. */
  rate: number;
}
export interface Reader {
  update(update: Update): void;
  /** The link is down: what comes next does not join what was. */
  stale(): void;
  fault(message: string): void;
}

/** A page of the past, as the updates that a subscriber would have had; a row is a place in `k`. */
export function* updatesOf({ fields, by, k, ts, c, window }: Range): Generator<Update> {
  const rows = Uint32Array.from(k.keys());
  const tagsOf = k.map((keys) => Object.fromEntries(by.map((key, at) => [key, keys[at] ?? ''])));
  for (const [time, end] of ts.entries()) {
    const cell = (row: number, stat: Stat) => c[fields.indexOf(stat)]?.[row]?.[time] ?? null;
    const table: Table = {
      size: k.length,
      rows: () => rows.values() as IterableIterator<number>,
      get: (row, stat) => {
        const value = cell(row, stat);
        return typeof value === 'number' ? value : null;
      },
      list: (row, stat) => {
        const value = cell(row, stat);
        return typeof value === 'number' ? null : value;
      },
      tags: (row) => tagsOf[row] ?? {},
      find: (tags) => tagsOf.findIndex((one) => by.every((key) => one[key] === tags[key])),
    };
    yield {
      kind: 'history',
      window: [end - window, end],
      final: true,
      correction: false,
      coverage: 1,
      changed: rows,
      removed: new Uint32Array(0),
      table,
    };
  }
}

/** Until it is called off. */
export function read(weir: Weir, query: Query, span: Span, reader: Reader): () => void {
  if (span.at !== 'live') return readPast(weir, query, span.at, span, reader);
  const subscription: Subscription = weir.subscribe(query, {
    rate: span.rate,
    history: span.spanMs,
    whenHidden: 'slow',
  });
  const offs = [
    subscription.on('update', (update) => reader.update(update)),
    subscription.on('state', (state) => state === 'stale' && reader.stale()),
    subscription.on('error', (error) => reader.fault(error.message)),
  ];
  return () => {
    for (const off of offs) off();
    subscription.close();
  };
}

function readPast(weir: Weir, query: Query, end: number, span: Span, reader: Reader): () => void {
  const stop = new AbortController();
  const { spanMs, stepMs } = span;
  const pages = weir.range(query, {
    start: end - spanMs - stepMs,
    end,
    step: stepMs,
    signal: stop.signal,
  });
  const all = async () => {
    for await (const page of pages) for (const update of updatesOf(page)) reader.update(update);
  };
  all().catch((fault: Error) => {
    if (!stop.signal.aborted) reader.fault(fault.message);
  });
  return () => stop.abort();
}
