// Unusual: what /api/v1/unusual says, as it is shown: a shape, whose it is, how much, for how long. Pure.

import type { Stat } from '../../client/index.ts';
import type { Kind } from '../gateway.ts';
import { PLAIN, viewText } from '../view-state.ts';
import { isHost } from '../views.ts';

export interface UnusualItem {
  metric: string;
  kind: Kind;
  tags: Record<string, string>;
  stat: Stat;
  value: number | null;
  baseline: number | null;
  ratio: number | null;
  z: number | null;
  /** ms since 1970. */
  since: number | null;
  state: 'high' | 'low' | 'silent';
}
export interface UnusualAnswer {
  items: UnusualItem[];
  at: number;
}
export interface Chip {
  key: string;
  level: 'warn' | 'crit';
  shape: string;
  /** Its tags' values; empty for a whole metric. */
  who: string;
  what: string;
  much: string;
  since: string;
  /** Its place on the explore screen. */
  href: string;
}

const CHIPS_MAX = 8;
/** From here on it is no matter of degree. */
const RATIO_CRIT = 2;

function muchOf({ state, ratio }: UnusualItem): string {
  if (state === 'silent') return 'no data';
  if (ratio === null || !Number.isFinite(ratio) || ratio <= 0)
    return state === 'high' ? 'rising' : 'falling';
  if (ratio >= 10) return `${ratio.toFixed(0)}×`;
  return ratio >= 1.5
    ? `${ratio.toFixed(1)}×`
    : `${ratio >= 1 ? '+' : '−'}${Math.abs(Math.round((ratio - 1) * 100))} %`;
}

function sinceOf(since: number | null, at: number): string {
  if (since === null) return '';
  const seconds = Math.max(0, Math.round((at - since) / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** A person's own, in the order that they came, which is the worst first. */
export function chipsOf({ items, at }: UnusualAnswer): Chip[] {
  return items
    .filter(({ metric }) => !isHost(metric))
    .slice(0, CHIPS_MAX)
    .map((item) => {
      const filters = Object.entries(item.tags).map(([key, value]) => ({ key, value }));
      const isCrit =
        item.state === 'high' && (item.ratio ?? 0) >= RATIO_CRIT && item.kind !== 'counter';
      return {
        key: JSON.stringify([item.metric, item.kind, item.tags]),
        level: isCrit ? 'crit' : 'warn',
        shape: isCrit ? '▲' : '◆',
        who: Object.values(item.tags).join(' · '),
        what: `${item.metric}${item.kind === 'timer' ? ` ${item.stat}` : ''}`,
        much: muchOf(item),
        since: sinceOf(item.since, at),
        href: `/explore?m=${encodeURIComponent(item.metric)}${viewText({ ...PLAIN, filters }).replace('?', '&')}`,
      };
    });
}
