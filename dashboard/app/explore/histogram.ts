// Histogram: how the values of some windows are distributed. Pure part: cells of `buckets` to bars.

import type { List } from '../../client/index.ts';
import { boundsOf, fit, rowsOf, tally } from '../charts/bands.ts';

export interface Bar {
  low: number;
  high: number;
  count: number;
}

/** At most so many bars, lowest values first; no count is lost. */
export function barsOf(cells: readonly List[], most: number): Bar[] {
  const bands = fit(cells, most, null);
  if (!bands) return [];
  const counts = new Float64Array(rowsOf(bands));
  for (const list of cells) tally(bands, list, counts, 0);
  return [...counts].map((count, row) => ({ ...boundsOf(bands, row), count }));
}

/** The bar that holds the most, in words for whom it is not drawn. */
export const highest = (bars: readonly Bar[]): Bar | undefined =>
  bars.reduce<Bar | undefined>(
    (most, bar) => (bar.count > (most?.count ?? 0) ? bar : most),
    undefined,
  );
