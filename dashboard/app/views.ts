// Views: what a card asks and shows for a metric, when nobody chose: by its kind, and for the host's by name.

import type { Query, Stat } from '../client/index.ts';
import type { Kind, Metric, TagKey } from './gateway.ts';

export interface View {
  title: string;
  query: Query;
  /** Drawn, and shown in the legend. */
  stat: Stat;
  /** Shown beside the title, of the whole metric. */
  asides: Stat[];
}

const STAT: Record<Kind, Stat> = { counter: 'rate', gauge: 'last', timer: 'p99', set: 'distinct' };
const ASIDES: Record<Kind, Stat[]> = { counter: [], gauge: [], timer: ['p50', 'rate'], set: [] };
const GROUPS_MAX = 8;

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

export function viewOf(metric: Metric, tags: readonly TagKey[]): View {
  const stat = STAT[metric.kind];
  const asides = ASIDES[metric.kind];
  const query: Query = {
    metric: metric.name,
    by: groupOf(tags),
    window: '10s',
    slide: '1s',
    stats: [stat, ...asides],
  };
  const where = HOST_WHERE[metric.name];
  if (where) query.where = where;
  return { title: HOST_TITLES[metric.name] ?? metric.name, query, stat, asides };
}
