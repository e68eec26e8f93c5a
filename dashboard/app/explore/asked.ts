// Asked: which question the screen of one metric asks, from what the reader chose. Pure.

import type { Query, Stat } from '../../client/index.ts';
import { HEAT_STATS } from '../charts/heat-columns.ts';
import type { Kind, Metric, TagKey } from '../gateway.ts';
import { stepsOf, type ViewState, whereOf } from '../view-state.ts';
import { groupOf } from '../views.ts';
import type { Asked } from './shown.ts';

/** What each kind can be asked, what is shown when nobody chose first. */
export const STATS: Record<Kind, readonly Stat[]> = {
  counter: ['rate', 'count'],
  gauge: ['last', 'mean', 'min', 'max'],
  timer: ['p99', 'p95', 'p50', 'mean', 'max', 'min', 'rate'],
  set: ['distinct'],
};
const QUANTILE = /^p\d/;
/** Of a tag with more values than this only so many lines are asked for: those with the greatest values. */
const LINES_MAX = 20;

export function statOf(kind: Kind, chosen: Stat | ''): Stat {
  const some = STATS[kind];
  const fits =
    chosen !== '' && (some.includes(chosen) || (kind === 'timer' && QUANTILE.test(chosen)));
  return fits ? chosen : (some[0] as Stat);
}

/** One name may be of several kinds: then the kind is asked for as well. */
function whereKind(view: ViewState, metric: Metric, kinds: number): Asked['where'] {
  const where = whereOf(view.filters);
  return kinds > 1 ? [...where, ['@kind', '=', metric.kind]] : where;
}

export function askedOf(
  metric: Metric,
  kinds: number,
  tags: readonly TagKey[],
  view: ViewState,
): Asked {
  const { windowMs, slideMs } = stepsOf(view.spanMs);
  const group = tags.find(({ key }) => key === view.group);
  const by = group ? [group.key] : groupOf(tags);
  const values = tags.find(({ key }) => key === by[0])?.values.length ?? 0;
  return {
    metric: metric.name,
    kind: metric.kind,
    where: whereKind(view, metric, kinds),
    by,
    stat: statOf(metric.kind, view.stat),
    windowMs,
    stepMs: slideMs,
    spanMs: view.spanMs,
    at: view.at,
    limit: values > LINES_MAX ? LINES_MAX : 0,
  };
}

/** The whole metric's distribution: a window for each step, so that no sample is in two columns. */
export function heatQueryOf({ metric, where, stepMs }: Asked): Query {
  return {
    metric,
    ...(where.length > 0 && { where }),
    window: stepMs,
    slide: stepMs,
    stats: HEAT_STATS,
  };
}
