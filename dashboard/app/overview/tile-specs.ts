// TileSpec: what a tile asks and how its number reads. Pure.

import type { Query, Stat } from '../../client/index.ts';
import type { Metric } from '../gateway.ts';
import { type Unit, unitOf } from '../units.ts';
import type { Worse } from './change.ts';
import { type Errors, latencyTitle, requestsTitle, titleOf } from './choice.ts';

export interface Part {
  metric: string;
  stat: Stat;
}
export interface TileSpec {
  key: 'requests' | 'latency' | 'errors' | 'queue';
  title: string;
  unit: Unit;
  worse: Worse;
  part: Part;
  /** The number is `part` as a share of this. */
  of?: Part;
}
export interface Picked {
  timer: string | undefined;
  requests: string | undefined;
  errors: Errors | undefined;
  queue: string | undefined;
}

const OF_TIMERS = /^(p\d|max$|mean$|min$)/;

function errorsTile(errors: Errors): TileSpec {
  const base = { key: 'errors', worse: 'up' } as const;
  const { metric } = errors;
  switch (errors.how) {
    case 'ratio':
      return {
        ...base,
        title: 'Error ratio',
        unit: 'ratio',
        part: { metric, stat: 'rate' },
        of: { metric: errors.of, stat: 'rate' },
      };
    case 'gauge': {
      const unit = unitOf(metric, 'gauge');
      return { ...base, title: 'Error ratio', unit, part: { metric, stat: 'last' } };
    }
    case 'rate':
      return { ...base, title: 'Errors', unit: '/s', part: { metric, stat: 'rate' } };
  }
}

/** In the order that they stand; what nobody sends has none. `chosen` is the statistic that the reader chose. */
export function tileSpecs(
  picked: Picked,
  chosen: Stat | '',
  metrics: readonly Metric[],
): TileSpec[] {
  const { timer, requests, errors, queue } = picked;
  const specs: TileSpec[] = [];
  if (requests !== undefined)
    specs.push({
      key: 'requests',
      title: requestsTitle(requests),
      unit: unitOf(requests, 'counter'),
      worse: 'neither',
      part: { metric: requests, stat: 'rate' },
    });
  if (timer !== undefined) {
    const stat: Stat = chosen !== '' && OF_TIMERS.test(chosen) ? chosen : 'p99';
    specs.push({
      key: 'latency',
      title: `${latencyTitle(timer)} ${stat}`,
      unit: unitOf(timer, 'timer'),
      worse: 'up',
      part: { metric: timer, stat },
    });
  }
  if (errors) specs.push(errorsTile(errors));
  if (queue !== undefined && metrics.some(({ name }) => name === queue))
    specs.push({
      key: 'queue',
      title: titleOf(queue),
      unit: unitOf(queue, 'gauge'),
      worse: 'up',
      part: { metric: queue, stat: 'last' },
    });
  return specs;
}

export function queryOf(
  { metric, stat }: Part,
  where: NonNullable<Query['where']>,
  { windowMs, slideMs }: { windowMs: number; slideMs: number },
): Query {
  return { metric, where, by: [], window: windowMs, slide: slideMs, stats: [stat] };
}

/** Without errors there is no row of errors: that is none of all requests. */
export function shareOf(part: number | null, of: number | null): number | null {
  return of === null || of === 0 ? null : (part ?? 0) / of;
}
