// Heading: what the overview shows: how much, of what, when; and what of a link could not be read.

import { change, faults, isLive, view } from '../address.ts';
import { clockOf } from '../events.ts';
import { countsOf, passing } from '../facets.ts';
import type { Gateway } from '../gateway.ts';
import { spanText, withFilter } from '../view-state.ts';
import { reset } from '../zoom.ts';
import { Controls } from './controls.tsx';
import { drawer } from './rail.tsx';

const counted = (count: number, word: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? word : word === 'series' ? word : `${word}s`}`;

export function Heading({ gateway }: { gateway: Gateway }) {
  const { metrics, series } = countsOf(gateway.metrics.value, passing.value);
  const { filters, at, spanMs } = view.value;
  return (
    <div class="heading">
      <h1>Overview</h1>
      <span class="note" data-testid="counts">
        {counted(metrics, 'metric')} · {counted(series, 'series')}
      </span>
      {!isLive() && (
        <button
          type="button"
          class="chip"
          data-testid="moment"
          onClick={reset}
          title="Back to now (0)"
        >
          {spanText(spanMs)} to <b>{clockOf(at as number, Date.now())}</b>{' '}
          <i aria-hidden="true">×</i>
        </button>
      )}
      {filters.map((filter) => (
        <button
          key={`${filter.key}:${filter.value}`}
          type="button"
          class="chip"
          data-testid="chip"
          aria-label={`Remove ${filter.key} ${filter.value}`}
          onClick={() => change(withFilter(view.value, filter, false))}
        >
          {filter.key} <b>{filter.value}</b> <i aria-hidden="true">×</i>
        </button>
      ))}
      <button
        type="button"
        class="chip drawer-only"
        aria-expanded={drawer.value}
        aria-controls="rail"
        onClick={() => {
          drawer.value = !drawer.value;
        }}
      >
        Filters
      </button>
      <Controls />
    </div>
  );
}

/** A link may have been cut or mistyped on its way. */
export function LinkNotice() {
  if (faults.value.length === 0) return null;
  return (
    <p class="notice" role="alert" data-testid="link-fault">
      Parts of this link could not be read and were left out: <bdi>{faults.value.join(', ')}</bdi>
      <button
        type="button"
        class="text"
        onClick={() => {
          faults.value = [];
        }}
      >
        Close
      </button>
    </p>
  );
}
