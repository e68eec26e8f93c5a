// When two subscriptions are the same: written differently, meant alike.

import { toMs } from './duration.ts';
import type { Query, SubscribeOptions } from './types.ts';

const ms = (duration: Parameters<typeof toMs>[0] | undefined) =>
  duration === undefined ? null : toMs(duration);
const sorted = (list: readonly unknown[] | undefined) =>
  [...new Set((list ?? []).map((item) => JSON.stringify(item)))].sort();

export function queryKey(query: Query, options: SubscribeOptions): string {
  const { metric, where, by, stats, window, slide, limit, order } = query;
  const asked = [
    metric,
    sorted(where),
    sorted(by),
    sorted(stats),
    ms(window),
    ms(slide),
    limit,
    order,
  ];
  return JSON.stringify([asked, ms(options.rate), ms(options.history)]);
}
