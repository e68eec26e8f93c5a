// Merging updates for a reader that is slower than the wire: the newest table, and every row that changed since.

import type { Update } from './types.ts';

const sorted = (rows: Set<number>) => Uint32Array.from(rows).sort();

/** `older` is what the reader has not taken yet, or null. Both are of the newest window. */
export function mergeUpdates(older: Update | null, newer: Update): Update {
  if (!older || newer.kind === 'snapshot') return newer;
  const changed = new Set(older.changed);
  const removed = new Set([...older.removed, ...newer.removed]);
  for (const row of newer.removed) changed.delete(row);
  for (const row of newer.changed) {
    changed.add(row);
    removed.delete(row);
  }
  return { ...newer, kind: older.kind, changed: sorted(changed), removed: sorted(removed) };
}
