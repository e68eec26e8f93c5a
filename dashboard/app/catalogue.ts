// Catalogue: which tags each metric has. Asked when a metric is new, and again when its number of series changed.

import { signal } from '@preact/signals';
import type { Gateway, Metric, TagKey } from './gateway.ts';

export const keyOf = (metric: Metric) => `${metric.name}@${metric.kind}`;
export const tagsOf = signal<Record<string, TagKey[]>>({});
const asked = new Map<string, number>();

export async function learnTags(gateway: Gateway, metrics: readonly Metric[]): Promise<void> {
  for (const metric of metrics) {
    const key = keyOf(metric);
    if (asked.get(key) === metric.series) continue;
    asked.set(key, metric.series);
    const tags = await gateway.tags(metric.name);
    tagsOf.value = { ...tagsOf.value, [key]: tags };
  }
}
