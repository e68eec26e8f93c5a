// Shown: what the chart of one metric shows, as plain data: what was asked, and a line for each group. Pure. Exports, the
// sentence and the copied code are made of it, so all of them say what a person sees.

import type { Query, Stat } from '../../client/index.ts';
import type { Kind } from '../gateway.ts';

export type Tags = Readonly<Record<string, string>>;

export interface Asked {
  metric: string;
  kind: Kind;
  where: NonNullable<Query['where']>;
  by: readonly string[];
  stat: Stat;
  windowMs: number;
  /** From one window's end to the next. */
  stepMs: number;
  spanMs: number;
  /** The right edge of the time axis. */
  at: 'live' | number;
  /** Lines at most, those with the greatest values; 0: all. */
  limit: number;
}

export interface ShownLine {
  tags: Tags;
  /** One for each of `times`. */
  values: readonly (number | null)[];
}

export interface Shown {
  asked: Asked;
  /** Ends of the windows, in ms since the epoch, ascending. */
  times: readonly number[];
  lines: readonly ShownLine[];
}

export function queryOf({ metric, where, by, stat, windowMs, stepMs, limit }: Asked): Query {
  return {
    metric,
    ...(where.length > 0 && { where }),
    ...(by.length > 0 && { by: [...by] }),
    window: windowMs,
    slide: stepMs,
    stats: [stat],
    ...(limit > 0 && { order: `${stat}:desc`, limit }),
  };
}

/** What a line is called: the values of its tags; of the whole metric its statistic. */
export const nameOf = (tags: Tags, stat: string): string => Object.values(tags).join(' · ') || stat;

/** The newest value of a line that is one. */
export const newest = ({ values }: ShownLine): number | null =>
  values.findLast((value) => value !== null) ?? null;
