// TopBars: which groups of a timer are slowest now, each against its own last ten minutes.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Query, Update } from '../../client/index.ts';
import { view } from '../address.ts';
import { keyOf, tagsOf } from '../catalogue.ts';
import { valueText } from '../charts/ticks.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { unitOf } from '../units.ts';
import { whereOf } from '../view-state.ts';
import { groupOf, statOf } from '../views.ts';
import { whileVisible } from '../visible.ts';
import { changeOf } from './change.ts';
import { ranked } from './stable-order.ts';
import './top-bars.css';

const ROWS_MAX = 8;
const WINDOW_MS = 10_000;
/** The longest window that the gateway keeps as a live query. */
const BASELINE_MS = 600_000;

interface Bar {
  name: string;
  value: number;
}

export function TopBars({ gateway, metric }: { gateway: Gateway; metric: string }) {
  const root = useRef<HTMLElement>(null);
  const bars = useSignal<Bar[]>([]);
  const baselines = useSignal<ReadonlyMap<string, number>>(new Map());
  const { filters, group, stat: chosen, at } = view.value;
  const found = gateway.metrics.value.find(({ name, kind }) => name === metric && kind === 'timer');
  const key = group || (groupOf((found && tagsOf.value[keyOf(found)]) ?? [])[0] ?? '');
  const stat = statOf('timer', chosen);
  const unit = unitOf(metric, 'timer');

  useEffect(() => {
    if (!root.current || key === '') return;
    const ask = (window: number, slide: number, take: (values: Bar[]) => void) => {
      const query: Query = {
        metric,
        where: whereOf(filters),
        by: [key],
        window,
        slide,
        stats: [stat],
        order: `${stat}:desc`,
        limit: ROWS_MAX,
      };
      const rate = slide;
      return watch(
        gateway,
        query,
        { spanMs: slide, at, rate },
        {
          update: ({ correction, table }: Update) => {
            if (correction) return;
            const values = [...table.rows()].flatMap((row) => {
              const value = table.get(row, stat);
              return value === null ? [] : { name: table.tags(row)[key] ?? '', value };
            });
            take(values);
          },
        },
      );
    };
    return whileVisible(root.current, () => {
      const stops = [
        ask(WINDOW_MS, 1000, (values) => {
          bars.value = ranked(
            values,
            bars.value.map(({ name }) => name),
          );
        }),
        ask(BASELINE_MS, WINDOW_MS, (values) => {
          baselines.value = new Map(values.map(({ name, value }) => [name, value]));
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    });
  }, [gateway, metric, key, stat, JSON.stringify(filters), at]);

  const most = Math.max(
    ...bars.value.map(({ value }) => value),
    ...bars.value.map(({ name }) => baselines.value.get(name) ?? 0),
  );
  return (
    <section class="card top-bars" data-testid="top-bars" ref={root}>
      <header>
        <h2 class="panel-title">
          <b>Slowest{key && ` by ${key}`}</b> {stat} · vs 10 min
        </h2>
      </header>
      <ol>
        {bars.value.map(({ name, value }) => {
          const before = baselines.value.get(name) ?? null;
          const change = changeOf(value, before, 'up');
          return (
            <li key={name} data-row={name} data-raw={value} data-change={change.level}>
              <span class="name" title={name}>
                {name || '(none)'}
              </span>
              <span class="rank" style={{ '--part': `${(100 * value) / most}%` }}>
                {before !== null && <i style={{ '--at': `${(100 * before) / most}%` }} />}
              </span>
              <span class="value">{valueText(value, unit)}</span>
              <span class="change">
                {change.shape} {change.text}
                <span class="said">{change.said}</span>
              </span>
            </li>
          );
        })}
      </ol>
      {key === '' && <p class="note">No tag parts it into groups.</p>}
    </section>
  );
}
