// SeriesList: every series of a person's own metrics with its value now and before; searched and sorted. Pure.

import type { Query, Stat, Table } from '../../client/index.ts';
import type { Kind, Metric, TagKey } from '../gateway.ts';
import { type Change, changeOf } from '../overview/change.ts';

/** Tags that one query can part its rows by, besides metric and kind. */
const KEYS_MAX = 6;
export const VALUE: Record<Kind, Stat> = {
  counter: 'rate',
  gauge: 'last',
  timer: 'p99',
  set: 'distinct',
};
const WINDOW_MS = 10_000;

export interface Series {
  /** Tells it from all others. */
  readonly key: string;
  readonly metric: string;
  readonly kind: Kind;
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** `service=checkout route=/a`, as it is shown and searched. */
  readonly label: string;
  now: number | null;
  /** The middle of what it was; null when that is not known. */
  before: number | null;
}
export type SortBy = 'change' | 'now' | 'name';

/** Metrics whose tags fit together, so that a few queries list all series. Of more tags than fit the first count. */
export function packed(
  metrics: readonly { metric: Metric; tags: readonly TagKey[] }[],
): { names: string[]; keys: string[] }[] {
  const packs: { names: Set<string>; keys: Set<string> }[] = [];
  for (const { metric, tags } of metrics) {
    const keys = tags.slice(0, KEYS_MAX).map(({ key }) => key);
    const fits = packs.find((pack) => new Set([...pack.keys, ...keys]).size <= KEYS_MAX);
    if (!fits) packs.push({ names: new Set([metric.name]), keys: new Set(keys) });
    else {
      fits.names.add(metric.name);
      for (const key of keys) fits.keys.add(key);
    }
  }
  return packs.map(({ names, keys }) => ({ names: [...names], keys: [...keys] }));
}

export function listQuery(
  { names, keys }: { names: string[]; keys: string[] },
  where: NonNullable<Query['where']>,
): Query {
  return {
    metric: '**',
    where: [['@metric', 'in', names], ...where],
    by: ['@metric', '@kind', ...keys],
    window: WINDOW_MS,
    slide: WINDOW_MS,
    stats: ['rate', 'last', 'p99', 'distinct'],
  };
}

/** The query of one series alone. */
export function seriesQuery(
  { metric, kind, tags }: Series,
  where: NonNullable<Query['where']>,
  { windowMs, slideMs }: { windowMs: number; slideMs: number },
): Query {
  const own = tags.map(([key, value]): [string, '=', string] => [key, '=', value]);
  return {
    metric,
    where: [['@kind', '=', kind], ...own, ...where],
    by: [],
    window: windowMs,
    slide: slideMs,
    stats: [VALUE[kind]],
  };
}

function median(values: number[]): number | null {
  if (values.length < 3) return null;
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}

export class SeriesList {
  /** Another number, another list. */
  revision = 0;
  readonly #all = new Map<string, Series>();
  readonly #past = new Map<string, number[]>();

  get size(): number {
    return this.#all.size;
  }

  /** The newest of one of the queries (`pack`): whatever of it is not in the table is gone. */
  take(pack: string, table: Table): void {
    const gone = new Set([...this.#all.keys()].filter((key) => key.startsWith(`${pack} `)));
    for (const row of table.rows()) {
      const series = this.#of(pack, table, row);
      series.now = table.get(row, VALUE[series.kind]);
      gone.delete(series.key);
    }
    for (const key of gone) this.#all.delete(key);
    this.revision++;
  }

  /** A moment of the past, of which baselines are made. */
  takePast(pack: string, table: Table): void {
    for (const row of table.rows()) {
      const { key, kind } = this.#of(pack, table, row, 'past');
      const value = table.get(row, VALUE[kind]);
      if (value !== null) this.#past.set(key, [...(this.#past.get(key) ?? []), value]);
    }
  }

  /** All moments were told. */
  endPast(): void {
    for (const [key, values] of this.#past) {
      const series = this.#all.get(key);
      if (series) series.before = median(values);
    }
    this.#past.clear();
    this.revision++;
  }

  /** Those that hold each word of `search`, in order; ties stand by name. */
  shown(search: string, by: SortBy): Series[] {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = ({ metric, label }: Series) => {
      const text = `${metric} ${label}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const some = [...this.#all.values()].filter(holds);
    const names = (a: Series, b: Series) => (a.key < b.key ? -1 : 1);
    if (by === 'name') return some.sort(names);
    const weights = new Map(some.map((series) => [series, weightOf(series, by)]));
    const weight = (series: Series) => weights.get(series) as number;
    return some.sort((a, b) => weight(b) - weight(a) || names(a, b));
  }

  #of(pack: string, table: Table, row: number, when: 'now' | 'past' = 'now'): Series {
    const { '@metric': metric = '', '@kind': kind = 'gauge', ...rest } = table.tags(row);
    const tags = Object.entries(rest).filter(([, value]) => value !== '');
    const label = tags.map(([name, value]) => `${name}=${value}`).join(' ');
    const key = `${pack} ${metric} ${kind} ${label}`;
    const known = this.#all.get(key);
    if (known) return known;
    const series = { key, metric, kind: kind as Kind, tags, label, now: null, before: null };
    if (when === 'now') this.#all.set(key, series);
    return series;
  }
}

export const seriesChange = ({ kind, now, before }: Series): Change =>
  changeOf(now, before, kind === 'timer' ? 'up' : 'neither');

/** What fell to nothing is no more than this; what rose comes before it. */
const FALL_MOST = 0.1;

/** How far from what it was, whichever way; what is not known comes last. */
function weightOf({ now, before }: Series, by: 'change' | 'now'): number {
  if (now === null) return -1;
  if (by === 'now') return now;
  if (before === null || before === 0) return 0;
  return Math.abs(Math.log(Math.max(now / before, FALL_MOST)));
}
