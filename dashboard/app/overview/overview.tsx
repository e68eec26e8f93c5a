// Overview: what a person sends, as cards that obey the view; then this machine; while nothing was sent, how to.

import { useEffect } from 'preact/hooks';
import { view } from '../address.ts';
import { keyOf, learnTags, tagsOf } from '../catalogue.ts';
import { passing } from '../facets.ts';
import type { Gateway, Metric } from '../gateway.ts';
import { Card } from '../parts/card.tsx';
import { Heading } from '../shell/heading.tsx';
import { hostMetrics, isHost, passes } from '../views.ts';
import { LaterPanels, LaterSeries, later } from './later.tsx';

const FirstRun = later(
  () => import('../parts/first-run.tsx').then(({ FirstRun }) => FirstRun),
  'How to send a metric',
);
const DemoStop = later(
  () => import('../parts/demo-data.tsx').then(({ DemoStop }) => DemoStop),
  'Demo data',
);
const Scrubber = later(
  () => import('../shell/scrubber.tsx').then(({ Scrubber }) => Scrubber),
  'The scrubber',
);

/** Cards on the page; more wait for search and facets. */
const CARDS_MAX = 100;

export function Overview({ gateway }: { gateway: Gateway }) {
  const metrics = gateway.metrics.value;
  const own = metrics.filter((metric) => !isHost(metric.name));
  const first = own.slice(0, CARDS_MAX);
  const host = hostMetrics(metrics);
  useEffect(() => {
    void learnTags(gateway, [...first, ...host]);
  }, [metrics]);
  const hidden = own.length - first.length;
  return (
    <>
      {own.length === 0 && metrics.length > 0 && <FirstRun gateway={gateway} />}
      {own.length > 0 && gateway.status.value?.demo && <DemoStop gateway={gateway} />}
      {/* Above the cards: tiles, what is unusual now, distribution, top bars. */}
      {own.length > 0 && (
        <>
          <Heading gateway={gateway} />
          <Scrubber gateway={gateway} />
          <LaterPanels gateway={gateway} />
        </>
      )}
      {own.length > 0 && <Cards gateway={gateway} title="Metrics" metrics={first} />}
      {hidden > 0 && (
        <p class="note">
          and {hidden} more: the first {CARDS_MAX} by name are drawn
        </p>
      )}
      {own.length > 0 && <LaterSeries gateway={gateway} />}
      {host.length > 0 && <Cards gateway={gateway} title="This machine" metrics={host} />}
    </>
  );
}

interface CardsProps {
  gateway: Gateway;
  title: string;
  metrics: Metric[];
}

/** Those of the metrics that can have what the filters ask for. */
function Cards({ gateway, title, metrics }: CardsProps) {
  const { filters } = view.value;
  const known = metrics.flatMap((metric) => {
    const tags = tagsOf.value[keyOf(metric)];
    const left = passing.value?.metrics.has(keyOf(metric)) ?? true;
    return tags && left && passes(tags, filters) ? [{ metric, tags }] : [];
  });
  if (filters.length > 0 && known.length === 0) return null;
  return (
    <section class="group">
      <h2>{title}</h2>
      <div class="cards">
        {known.map(({ metric, tags }) => (
          <Card key={keyOf(metric)} gateway={gateway} metric={metric} tags={tags} />
        ))}
      </div>
    </section>
  );
}
