// Views: what a card asks and shows for a metric: what was chosen, where it fits, else by its kind, and for the host's by
// name.

import type { Query, Stat } from '../client/index.ts';
import type { Kind, Metric, TagKey } from './gateway.ts';
import { type Filter, PLAIN, stepsOf, type ViewState, whereOf } from './view-state.ts';

export interface View {
  title: string;
  query: Query;
  /** Drawn, and shown in the legend. */
  stat: Stat;
  /** Shown beside the title, of the whole metric. */
  asides: Stat[];
}

/** What each kind can be asked; first what is shown when nobody chose. */
export const STATS: Record<Kind, readonly Stat[]> = {
  counter: ['rate', 'count'],
  gauge: ['last', 'mean', 'min', 'max'],
  timer: ['p99', 'p95', 'p50', 'mean', 'max', 'min', 'rate', 'count'],
  set: ['distinct'],
};
const QUANTILE = /^p\d/;
const ASIDES: Record<Kind, Stat[]> = { counter: [], gauge: [], timer: ['p50', 'rate'], set: [] };
const GROUPS_MAX = 8;
/** The server lists at most so many values of a tag. */
const LISTED_MAX = 100;
/** Of a tag with more values than this so many rows are asked for: those with the greatest values. */
export const ROWS_MAX = 64;

const HOST_TITLES: Record<string, string> = {
  'system.cpu.utilization': 'CPU',
  'system.cpu.load_average.1m': 'Load, 1 min',
  'system.memory.usage': 'Memory',
  'system.network.io': 'Network',
  'system.disk.io': 'Disk',
  'process.cpu.utilization': 'Weir: CPU',
  'process.memory.usage': 'Weir: memory',
};
/** Idle time is the rest of the picture, not a part of it. */
const HOST_WHERE: Record<string, Query['where']> = {
  'system.cpu.utilization': [['mode', '!=', 'idle']],
};
const HOST_ORDER = Object.keys(HOST_TITLES);

/** What the host feed says of the container that it runs in; other `container.` metrics are a person's own. */
const OWN_CONTAINER =
  /^container\.(memory\.(usage|limit|oom_kills)|cpu\.(time|limit|throttled_time))$/;
export const isHost = (name: string): boolean =>
  /^(system|process)\./.test(name) || OWN_CONTAINER.test(name);

/** Which of the host's metrics have a card of their own, in the order that they stand. */
export function hostMetrics(metrics: readonly Metric[]): Metric[] {
  return HOST_ORDER.flatMap((name) => metrics.filter((metric) => metric.name === name));
}

/** The first tag that splits the metric into a few lines; nothing when none does. */
export function groupOf(tags: readonly TagKey[]): string[] {
  const found =
    tags.find((tag) => tag.values.length > 1 && tag.values.length <= GROUPS_MAX) ??
    tags.find((tag) => tag.values.length === 1);
  return found ? [found.key] : [];
}

/** The statistic that was chosen, where this kind has it. */
export function statOf(kind: Kind, chosen: Stat | ''): Stat {
  const some = STATS[kind];
  const fits = some.includes(chosen as Stat) || (kind === 'timer' && QUANTILE.test(chosen));
  return fits ? (chosen as Stat) : (some[0] as Stat);
}

/** Whether a metric with these tags can have series that pass: of each key that is asked for one of the values. */
export function passes(tags: readonly TagKey[], filters: readonly Filter[]): boolean {
  return filters.every(({ key }) => {
    const asked = filters.filter((one) => one.key === key);
    const values = tags.find((tag) => tag.key === key)?.values ?? [];
    // A key of very many values lists some of them only.
    return (
      values.length >= LISTED_MAX ||
      values.some(({ value }) => asked.some((one) => one.value === value))
    );
  });
}

/** By the chosen tag where the metric has it. The machine's own metrics keep their parts. */
function byOf(metric: Metric, tags: readonly TagKey[], group: string): string[] {
  if (tags.some(({ key }) => key === group)) return [group];
  return group && !isHost(metric.name) ? [] : groupOf(tags);
}

export function viewOf(metric: Metric, tags: readonly TagKey[], chosen: ViewState = PLAIN): View {
  const stat = statOf(metric.kind, chosen.stat);
  const asides = ASIDES[metric.kind].filter((one) => one !== stat);
  const { windowMs, slideMs } = stepsOf(chosen.spanMs);
  const by = byOf(metric, tags, chosen.group);
  const groups = tags.find(({ key }) => key === by[0])?.values.length ?? 0;
  const where = [...(HOST_WHERE[metric.name] ?? []), ...whereOf(chosen.filters)];
  const query: Query = {
    metric: metric.name,
    ...(where.length > 0 && { where }),
    by,
    window: windowMs,
    slide: slideMs,
    stats: [stat, ...asides],
    ...(groups > ROWS_MAX && { order: `${stat}:desc`, limit: ROWS_MAX }),
  };
  return { title: HOST_TITLES[metric.name] ?? metric.name, query, stat, asides };
}
