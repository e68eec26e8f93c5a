// Rail: the tags to choose by, with their numbers of series, and what this gateway listens on. A drawer where the page is
// narrow.

import { signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { change, view } from '../address.ts';
import { ageOf } from '../events.ts';
import { facets, learn } from '../facets.ts';
import type { Gateway, TagKey } from '../gateway.ts';
import { Rates } from '../health/rates.ts';
import { showText } from '../units.ts';
import { withFilter } from '../view-state.ts';
import './rail.css';

const KEYS_MAX = 12;
const VALUES_SHOWN = 6;
const LEARN_EVERY_MS = 5000;

/** Where the page is narrow. */
export const drawer = signal(false);

export function Rail({ gateway }: { gateway: Gateway }) {
  const { filters } = view.value;
  const asked = JSON.stringify(filters);
  const known = gateway.metrics.value.map(({ name, series }) => `${name} ${series}`).join();
  useEffect(() => {
    void learn(gateway, filters);
    const timer = setInterval(() => {
      if (!document.hidden) void learn(gateway, view.peek().filters);
    }, LEARN_EVERY_MS);
    return () => clearInterval(timer);
  }, [gateway, asked, known]);
  return (
    <aside
      class="rail"
      id="rail"
      data-open={drawer.value}
      aria-label="Filters"
      onKeyDown={(event) => {
        if (event.key === 'Escape') drawer.value = false;
      }}
    >
      <div class="rail-head">
        <h2>Tags</h2>
        {filters.length > 0 && (
          <button type="button" class="text" onClick={() => change({ filters: [] })}>
            Clear
          </button>
        )}
        <button
          type="button"
          class="text drawer-only"
          onClick={() => {
            drawer.value = false;
          }}
        >
          Done
        </button>
      </div>
      {facets.value.slice(0, KEYS_MAX).map((tag) => (
        <Facet key={tag.key} tag={tag} />
      ))}
      {facets.value.length === 0 && <p class="note">No tags yet</p>}
      <Listening gateway={gateway} />
    </aside>
  );
}

function Facet({ tag: { key, values } }: { tag: TagKey }) {
  const all = useSignal(false);
  const { filters } = view.value;
  const chosen = (value: string) => filters.some((one) => one.key === key && one.value === value);
  // What is chosen can always be seen.
  const shown = values.filter(({ value }, at) => all.value || at < VALUES_SHOWN || chosen(value));
  return (
    <fieldset class="facet" data-testid="facet" data-key={key}>
      <legend title={key}>{key}</legend>
      {shown.map(({ value, series }) => (
        <label key={value} data-none={series === 0}>
          <input
            type="checkbox"
            checked={chosen(value)}
            onChange={(event) =>
              change(withFilter(view.value, { key, value }, event.currentTarget.checked))
            }
          />
          <span class="facet-value" title={value}>
            {value || '(none)'}
          </span>
          <span class="facet-count">{series}</span>
        </label>
      ))}
      {values.length > VALUES_SHOWN && (
        <button
          type="button"
          class="text"
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? 'Fewer' : `${values.length - VALUES_SHOWN} more`}
        </button>
      )}
    </fieldset>
  );
}

const TRANSPORT: Record<string, string> = {
  udp: 'UDP',
  tcp: 'TCP',
  unixgram: 'Unix',
  unix: 'Unix',
};

/** `UDP :8125` of udp/statsd at 127.0.0.1:8125; sockets of paths by their last part. */
function placeOf(what: string, address: string): string {
  const [transport = ''] = what.split('/');
  const end = address.includes('/') ? address.split('/').at(-1) : `:${address.split(':').at(-1)}`;
  return `${TRANSPORT[transport] ?? transport} ${end}`;
}

function Listening({ gateway }: { gateway: Gateway }) {
  const rates = useMemo(() => new Rates(), [gateway]);
  const status = gateway.status.value;
  if (!status) return null;
  const feeds = status.ingest?.feeds.filter(({ address }) => address) ?? [];
  const counters = feeds.map(({ name, samples }) => [name, samples.produced] as const);
  rates.take(status.now, status.epoch, Object.fromEntries(counters));
  return (
    <div class="listening">
      <h2>Listening</h2>
      <ul>
        {feeds.map(({ name, address }) => (
          <li key={`${name} ${address}`} title={`${name} on ${address}`}>
            <i aria-hidden="true" />
            <span>{placeOf(name, address)}</span>
            <b>{showText(rates.of(name), '/s')}</b>
          </li>
        ))}
      </ul>
      <p class="note">up {ageOf(status.started, status.now).replace(/ ago|now/, '') || '0 s'}</p>
    </div>
  );
}
