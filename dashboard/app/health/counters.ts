// Counters: every number of the status whose growth is shown, by a key. Pure.

import { type IngestStatus, ledgersOf } from './ledgers.ts';
import type { Counters } from './rates.ts';

export const partKey = (feed: string, unit: string, part: string): string =>
  `${feed} ${unit} ${part}`;
export const bytesKey = (feed: string): string => `${feed} bytes`;

/** Totals of all feeds are `lines`, `rejected` and `dropped`. */
export function countersOf(ingest: IngestStatus): Counters {
  const counters: Record<string, number> = {
    lines: 0,
    rejected: 0,
    dropped: 0,
  };
  const add = (key: string, count: number) => {
    counters[key] = (counters[key] ?? 0) + count;
  };
  for (const feed of ingest.feeds) {
    add('lines', feed.lines?.received ?? 0);
    add('rejected', feed.lines?.rejected ?? 0);
    add('dropped', feed.datagrams?.kernel_dropped ?? 0);
    add(bytesKey(feed.name), feed.bytes ?? 0);
    for (const { unit, whole, parts } of ledgersOf(feed)) {
      add(partKey(feed.name, unit, ''), whole);
      for (const part of parts) add(partKey(feed.name, unit, part.key), part.count);
    }
  }
  return counters;
}
