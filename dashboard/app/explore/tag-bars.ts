// Breakdown: the metric over the whole shown span by one tag. Pure: what is asked, and the bars of the answer.

import type { Query } from '../../client/index.ts';
import type { Asked } from './shown.ts';

/** Bars of one tag. */
export const BARS_MAX = 8;

export interface TagBar {
  value: string;
  amount: number;
  /** Of the longest bar, 0 to 1. */
  part: number;
}

/** One window as long as the span; it may end with any pane. */
export function breakdownQuery(asked: Asked, key: string): Query {
  const { metric, where, stat, spanMs } = asked;
  return {
    metric,
    ...(where.length > 0 && { where }),
    by: [key],
    window: spanMs,
    stats: [stat],
    order: `${stat}:desc`,
    limit: BARS_MAX,
  };
}

export interface Snap {
  by: string[];
  k: string[][];
  c: (number | null)[][];
}

export function tagBarsOf({ by, k, c }: Snap, key: string): TagBar[] {
  const column = by.indexOf(key);
  const some = k.flatMap((keys, row) => {
    const amount = c[0]?.[row] ?? null;
    return amount === null ? [] : [{ value: keys[column] ?? '', amount }];
  });
  const longest = Math.max(...some.map(({ amount }) => Math.abs(amount)), 0);
  return some.map((bar) => ({ ...bar, part: longest > 0 ? Math.abs(bar.amount) / longest : 0 }));
}
