// App: the screen that the address names. The overview: user metrics first, then this machine; while there are none, how
// to send one. Other screens stand behind doors.tsx.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Door, hasDoor } from './doors.tsx';
import type { Gateway, Metric, TagKey } from './gateway.ts';
import { LaterPanels } from './overview/later.tsx';
import { Card } from './parts/card.tsx';
import { FirstRun } from './parts/first-run.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { hostMetrics, isHost } from './views.ts';

/** Cards on the page; more wait for search and facets. */
const CARDS_MAX = 100;

const keyOf = (metric: Metric) => `${metric.name}@${metric.kind}`;
const tagsOf = signal<Record<string, TagKey[]>>({});
const asked = new Map<string, number>();

/** Asks for the tags of a metric when it is new, and again when its number of series changed. */
async function learnTags(gateway: Gateway, metrics: readonly Metric[]): Promise<void> {
  for (const metric of metrics) {
    const key = keyOf(metric);
    if (asked.get(key) === metric.series) continue;
    asked.set(key, metric.series);
    const tags = await gateway.tags(metric.name);
    tagsOf.value = { ...tagsOf.value, [key]: tags };
  }
}

export function App({ gateway }: { gateway: Gateway }) {
  return (
    <>
      <TopBar gateway={gateway} />
      <main data-link={gateway.link.value.state}>
        {hasDoor() ? <Door gateway={gateway} /> : <Overview gateway={gateway} />}
      </main>
    </>
  );
}

function Overview({ gateway }: { gateway: Gateway }) {
  const metrics = gateway.metrics.value;
  const own = metrics.filter((metric) => !isHost(metric.name)).slice(0, CARDS_MAX);
  const host = hostMetrics(metrics);
  useEffect(() => {
    void learnTags(gateway, [...own, ...host]);
  }, [metrics]);
  const hidden = metrics.filter((metric) => !isHost(metric.name)).length - own.length;
  return (
    <>
      {own.length === 0 && metrics.length > 0 && <FirstRun gateway={gateway} />}
      {own.length > 0 && <LaterPanels gateway={gateway} />}
      {own.length > 0 && <Cards gateway={gateway} title="Metrics" metrics={own} level="h1" />}
      {hidden > 0 && (
        <p class="note">
          and {hidden} more: the first {CARDS_MAX} by name are drawn
        </p>
      )}
      {host.length > 0 && (
        <Cards gateway={gateway} title="This machine" metrics={host} level="h2" />
      )}
    </>
  );
}

interface CardsProps {
  gateway: Gateway;
  title: string;
  metrics: Metric[];
  level: 'h1' | 'h2';
}

function Cards({ gateway, title, metrics, level: Heading }: CardsProps) {
  const known = metrics.flatMap((metric) => {
    const tags = tagsOf.value[keyOf(metric)];
    return tags ? [{ metric, tags }] : [];
  });
  return (
    <section class="group">
      <Heading>{title}</Heading>
      <div class="cards">
        {known.map(({ metric, tags }) => (
          <Card key={keyOf(metric)} gateway={gateway} metric={metric} tags={tags} />
        ))}
      </div>
    </section>
  );
}
