// MetricScreen: everything about one metric, for what the reader chose. A file that was opened takes the chart's place until
// it is closed.

import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { change, isBare, isLive, view } from '../address.ts';
import type { Gateway, Kind, Metric, TagKey } from '../gateway.ts';
import { unitOf } from '../units.ts';
import { withFilter } from '../view-state.ts';
import { askedOf } from './asked.ts';
import { Breakdown } from './breakdown.tsx';
import { exploreAddress } from './chooser.tsx';
import { Controls } from './controls.tsx';
import { HeatCard } from './heat-card.tsx';
import { LinesCard } from './lines-card.tsx';
import type { Asked, Shown } from './shown.ts';

interface Props {
  gateway: Gateway;
  metric: Metric;
  kinds: readonly Kind[];
  tags: readonly TagKey[];
}

export function MetricScreen({ gateway, metric, kinds, tags }: Props) {
  const opened = useSignal<Shown | null>(null);
  const said = JSON.stringify(askedOf(metric, kinds.length, tags, view.value));
  const asked = useMemo<Asked>(() => JSON.parse(said), [said]);
  const unit = unitOf(metric.name, metric.kind);
  const bare = isBare();
  const file = opened.value;
  const lines = (
    <LinesCard
      gateway={gateway}
      asked={file?.asked ?? asked}
      unit={unit}
      bare={bare}
      file={file}
      open={(shown) => {
        opened.value = shown;
      }}
    />
  );
  if (bare) return lines;
  return (
    <section class="group explore" data-testid="explore" data-metric={metric.name}>
      <Head metric={metric} kinds={kinds} />
      <Controls metric={metric} tags={tags} asked={asked} />
      {lines}
      {!file && metric.kind === 'timer' && <HeatCard gateway={gateway} asked={asked} unit={unit} />}
      {!file && <Breakdown asked={asked} tags={tags} unit={unit} />}
    </section>
  );
}

function Head({ metric, kinds }: { metric: Metric; kinds: readonly Kind[] }) {
  const { filters, at } = view.value;
  return (
    <div class="explore-head">
      <h1 class="metric-name">{metric.name}</h1>
      <span class="stat">
        {metric.kind}, {metric.series.toLocaleString('en')} series
      </span>
      {kinds
        .filter((kind) => kind !== metric.kind)
        .map((kind) => (
          <a key={kind} href={`${exploreAddress(metric.name)}&kind=${kind}`}>
            also a {kind}
          </a>
        ))}
      {filters.map((filter) => (
        <button
          key={`${filter.key}:${filter.value}`}
          type="button"
          class="chip"
          aria-label={`Without ${filter.key} ${filter.value}`}
          onClick={() => change(withFilter(view.value, filter, false))}
        >
          {filter.key} <b>{filter.value}</b> <span aria-hidden="true">×</span>
        </button>
      ))}
      {!isLive() && (
        <button type="button" class="chip" onClick={() => change({ at: 'live' })}>
          {new Date(at).toLocaleString('en-GB')} <b>Back to live</b>
        </button>
      )}
    </div>
  );
}
