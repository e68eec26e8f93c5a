// Facets: the values of tags with their numbers of series, and what passes the filters. Pure but for learn(), which asks.
// The machine's own metrics are left out: they are no part of what a person sends.

import { signal } from '@preact/signals';
import type { Gateway, Kind, Metric, TagKey } from './gateway.ts';
import { type Filter, whereOf } from './view-state.ts';
import { isHost } from './views.ts';

export interface Series {
  name: string;
  kind: Kind;
  tags: Record<string, string>;
}
/** What passes the filters: how many series of each metric, by name and kind. Nothing: no filter, or not known yet. */
export interface Passing {
  metrics: ReadonlyMap<string, number>;
  series: number;
}

/** Series that are counted while there are filters; past them counts are not told. */
const SERIES_MAX = 5000;

export const facets = signal<readonly TagKey[]>([]);
export const passing = signal<Passing | null>(null);

/** The counts of the second taken away from those of the first. */
export function without(all: readonly TagKey[], others: readonly TagKey[]): TagKey[] {
  return all.flatMap(({ key, values }) => {
    const less = new Map(
      others.find((one) => one.key === key)?.values.map(({ value, series }) => [value, series]),
    );
    const left = values
      .map(({ value, series }) => ({ value, series: series - (less.get(value) ?? 0) }))
      .filter(({ series }) => series > 0);
    return left.length > 0 ? [{ key, values: left }] : [];
  });
}

/** The tags of these series, those of most series first. */
export function countTags(series: readonly Series[]): TagKey[] {
  const keys = new Map<string, Map<string, number>>();
  for (const { tags } of series)
    for (const [key, value] of Object.entries(tags)) {
      const values = keys.get(key) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      keys.set(key, values);
    }
  return [...keys].map(([key, values]) => ({
    key,
    values: [...values].map(([value, count]) => ({ value, series: count })),
  }));
}

/**
 * As `all`, with other counts: 0 where there are none. Of a key that is asked for itself the other values keep theirs,
 * so that one sees what choosing them, too, would add.
 */
export function recounted(
  all: readonly TagKey[],
  counted: readonly TagKey[],
  filters: readonly Filter[],
): TagKey[] {
  return all.map((tag) => {
    if (filters.some(({ key }) => key === tag.key)) return tag;
    const found = new Map(
      counted
        .find(({ key }) => key === tag.key)
        ?.values.map(({ value, series }) => [value, series]),
    );
    return {
      key: tag.key,
      values: tag.values.map(({ value }) => ({ value, series: found.get(value) ?? 0 })),
    };
  });
}

export function passingOf(series: readonly Series[]): Passing {
  const metrics = new Map<string, number>();
  for (const { name, kind } of series) {
    const key = `${name}@${kind}`;
    metrics.set(key, (metrics.get(key) ?? 0) + 1);
  }
  return { metrics, series: series.length };
}

/** Heading of the overview: how many metrics and series there are, or pass. */
export function countsOf(metrics: readonly Metric[], some: Passing | null) {
  if (some) return { metrics: some.metrics.size, series: some.series };
  const own = metrics.filter(({ name }) => !isHost(name));
  return { metrics: own.length, series: own.reduce((sum, one) => sum + one.series, 0) };
}

let asked = 0;

/** Later answers to earlier questions are not taken. */
export async function learn(gateway: Gateway, filters: readonly Filter[]): Promise<void> {
  const ask = ++asked;
  const [all, ...host] = await Promise.all(
    ['**', 'system.**', 'process.**'].map((name) => gateway.tags(name)),
  );
  const own = host.reduce<TagKey[]>((left, tags) => without(left, tags), all ?? []);
  if (ask !== asked) return;
  if (filters.length === 0) {
    facets.value = own;
    passing.value = null;
    return;
  }
  const series = await gateway.series(whereOf(filters), SERIES_MAX);
  if (ask !== asked) return;
  const some = series?.filter(({ name }) => !isHost(name));
  facets.value = some ? recounted(own, countTags(some), filters) : own;
  passing.value = some ? passingOf(some) : null;
}
