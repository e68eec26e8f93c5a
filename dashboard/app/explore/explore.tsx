// Explore: the screen of one metric, `/explore?m=NAME`. Without a name: which ones there are. `&kind=` where one name is of
// several kinds.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { search } from '../address.ts';
import type { Gateway, Metric, TagKey } from '../gateway.ts';
import { Chooser } from './chooser.tsx';
import '../parts/bits.css';
import './explore.css';
import { MetricScreen } from './metric-screen.tsx';

interface Found {
  name: string;
  /** Of each kind that the name has; null: not known yet. */
  metrics: Metric[] | null;
  tags: TagKey[];
}
const LOOK_MS = 2000;

/** Asks until it is there, and again from time to time: a metric that is new, or a tag, comes by itself. */
function useMetric(gateway: Gateway, name: string): Found {
  const found = useSignal<Found>({ name: '', metrics: null, tags: [] });
  useEffect(() => {
    if (!name) return;
    let gone = false;
    const look = async () => {
      if (document.hidden) return;
      const [metrics, tags] = await Promise.all([gateway.named(name), gateway.tags(name)]);
      const next: Found = { name, metrics: metrics ?? found.peek().metrics, tags };
      if (!gone && JSON.stringify(next) !== JSON.stringify(found.peek())) found.value = next;
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [name]);
  return found.value.name === name ? found.value : { name, metrics: null, tags: [] };
}

export function Explore({ gateway }: { gateway: Gateway }) {
  const given = new URLSearchParams(search.value);
  const name = given.get('m') ?? '';
  const { metrics, tags } = useMetric(gateway, name);
  if (!name) return <Chooser gateway={gateway} />;
  if (!metrics)
    return (
      <section class="group">
        <h1 class="metric-name">{name}</h1>
        <p class="note">Looking for it.</p>
      </section>
    );
  const metric = metrics.find(({ kind }) => kind === given.get('kind')) ?? metrics[0];
  if (!metric) return <Chooser gateway={gateway} unknown={name} />;
  return (
    <MetricScreen
      key={`${metric.kind} ${name}`}
      gateway={gateway}
      metric={metric}
      kinds={metrics.map(({ kind }) => kind)}
      tags={tags}
    />
  );
}
