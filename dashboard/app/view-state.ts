// ViewState: what the reader chose to see, as the address carries it: ?f=service:checkout&g=service&s=p99&w=5m&t=live.
// Pure. A link from elsewhere may hold anything: what cannot be read is left out and told.

import type { Query, Stat } from '../client/index.ts';

export interface Filter {
  key: string;
  value: string;
}

export interface ViewState {
  /** Of one key several values may be chosen: any of them; of several keys all must hold. */
  filters: readonly Filter[];
  /** The tag that lines are grouped by; empty: chosen by each metric's own tags. */
  group: string;
  /** Empty: chosen by each metric's kind. */
  stat: Stat | '';
  /** How much of the past is shown, in ms. */
  spanMs: number;
  /** The right edge of every time axis: now, or a moment in ms since the epoch. */
  at: 'live' | number;
}

/** The choices of the span, in the order of the keys 1 to 4. */
export const SPANS = [
  ['1m', 60_000],
  ['5m', 300_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
] as const;

export const PLAIN: ViewState = { filters: [], group: '', stat: '', spanMs: 60_000, at: 'live' };

const FILTERS_MAX = 32;
const TEXT_MAX = 1024;
const SPAN_MAX_MS = 30 * 86_400_000;
const STAT =
  /^(count|rate|sum|min|max|mean|stddev|first|last|delta|distinct|p\d{1,2}(\.\d{1,3})?|p100)$/;
const SPAN = /^(\d{1,6})(s|m|h|d)$/;
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function isStat(text: string): text is Stat {
  return STAT.test(text);
}

/** 300000 → 5m: the largest unit that divides it. */
export function spanText(ms: number): string {
  for (const unit of ['d', 'h', 'm'])
    if (ms % (UNIT_MS[unit] as number) === 0) return `${ms / (UNIT_MS[unit] as number)}${unit}`;
  return `${Math.round(ms / 1000)}s`;
}

function spanOf(text: string): number | null {
  const [, number, unit] = SPAN.exec(text) ?? [];
  const ms = Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  return ms >= 1000 && ms <= SPAN_MAX_MS ? ms : null;
}

/** A tag's text may hold the signs that part the list. */
const escaped = (text: string) => text.replace(/[%,:]/g, encodeURIComponent);

function filtersOf(text: string): Filter[] | null {
  const filters: Filter[] = [];
  for (const part of text.split(',').slice(0, FILTERS_MAX)) {
    const at = part.indexOf(':');
    if (at <= 0 || part.length > TEXT_MAX) return null;
    try {
      const filter = {
        key: decodeURIComponent(part.slice(0, at)),
        value: decodeURIComponent(part.slice(at + 1)),
      };
      if (!filters.some((one) => one.key === filter.key && one.value === filter.value))
        filters.push(filter);
    } catch {
      return null;
    }
  }
  return filters;
}

export interface Parsed {
  view: ViewState;
  /** The parts of the address that could not be read, as they stood there. */
  faults: string[];
}

export function parseView(search: string): Parsed {
  const given = new URLSearchParams(search);
  const view = { ...PLAIN };
  const faults: string[] = [];
  const read = (name: string, take: (text: string) => boolean) => {
    const text = given.get(name);
    if (text !== null && !take(text)) faults.push(`${name}=${text.slice(0, 80)}`);
  };
  read('f', (text) => {
    const filters = filtersOf(text);
    view.filters = filters ?? [];
    return filters !== null;
  });
  read('g', (text) => {
    view.group = text.length <= TEXT_MAX ? text : '';
    return view.group === text;
  });
  read('s', (text) => {
    if (isStat(text)) view.stat = text;
    return view.stat === text;
  });
  read('w', (text) => {
    const ms = spanOf(text);
    view.spanMs = ms ?? PLAIN.spanMs;
    return ms !== null;
  });
  read('t', (text) => {
    if (/^\d{10,14}$/.test(text)) view.at = Number(text);
    return String(view.at) === text;
  });
  return { view, faults };
}

/** The search part of the address, `?` included; empty for what is shown when nobody chose. */
export function viewText(view: ViewState): string {
  const parts: string[] = [];
  const add = (name: string, text: string) => parts.push(`${name}=${encodeURIComponent(text)}`);
  if (view.filters.length > 0)
    add('f', view.filters.map(({ key, value }) => `${escaped(key)}:${escaped(value)}`).join());
  if (view.group) add('g', view.group);
  if (view.stat) add('s', view.stat);
  if (view.spanMs !== PLAIN.spanMs) add('w', spanText(view.spanMs));
  if (view.at !== 'live') add('t', String(view.at));
  // What a reader of the address should be able to read may stay as it is (RFC 3986 3.4).
  return parts.length > 0
    ? `?${parts.join('&').replaceAll('%3A', ':').replaceAll('%2C', ',')}`
    : '';
}

/** The filters as a query's `where`: of one key any value, of all keys each. */
export function whereOf(filters: readonly Filter[]): NonNullable<Query['where']> {
  const values = new Map<string, string[]>();
  for (const { key, value } of filters) values.set(key, [...(values.get(key) ?? []), value]);
  return [...values].map(([key, some]) =>
    some.length === 1 ? [key, '=', some[0] as string] : [key, 'in', some],
  );
}

export function withFilter(view: ViewState, filter: Filter, chosen: boolean): ViewState {
  const others = view.filters.filter((one) => one.key !== filter.key || one.value !== filter.value);
  return { ...view, filters: chosen ? [...others, filter].slice(-FILTERS_MAX) : others };
}

/** How the past is sampled for this span: at most some 400 points, each a window of the query. */
export function stepsOf(spanMs: number): { windowMs: number; slideMs: number } {
  for (const slideMs of [1000, 5000, 10_000, 60_000, 600_000, 3_600_000])
    if (spanMs / slideMs <= 400) return { windowMs: Math.max(10_000, slideMs), slideMs };
  return { windowMs: 86_400_000, slideMs: 86_400_000 };
}
