// Explain: what the samples in a box have in common that others have not: asked of /api/v1/explain. Pure but for fetch.

import type { Box } from '../charts/heatmap.ts';
import type { Asked } from './shown.ts';

export interface Item {
  key: string;
  value: string;
  /** Of the samples in the box, and of all others, the share that has this tag value: 0 to 1. */
  inside: number;
  outside: number;
}
export interface Explanation {
  inside: number;
  outside: number;
  items: Item[];
}

/** Times are whole panes for the server; the box's own edges lie anywhere. */
export function explainAddress({ metric, where }: Asked, box: Box): string {
  const given = new URLSearchParams({
    metric,
    start: String(Math.floor(box.start)),
    end: String(Math.ceil(box.end)),
    low: String(box.low),
    high: String(box.high),
  });
  if (where.length > 0) given.set('where', JSON.stringify(where));
  return `/api/v1/explain?${given}`;
}

export async function explain(asked: Asked, box: Box, signal: AbortSignal): Promise<Explanation> {
  const response = await fetch(explainAddress(asked, box), { signal });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error?.msg ?? `The server answered ${response.status}.`);
  return body as Explanation;
}

/** What a tag value says of the box: nothing when it is as frequent outside. */
export function meaning({ inside, outside }: Item): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return `${percent(inside)} in the box, ${percent(outside)} elsewhere`;
}
