// Distribution: the heatmap of one timer on the overview, with what its colours and lines mean.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Query, Update } from '../../client/index.ts';
import { edge, view } from '../address.ts';
import { crosshair } from '../charts/crosshair.ts';
import { frames } from '../charts/frame-loop.ts';
import { HEAT_STATS } from '../charts/heat-columns.ts';
import { Heatmap } from '../charts/heatmap.ts';
import { valueText } from '../charts/ticks.ts';
import { saidOf } from '../events.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { theme } from '../theme.ts';
import { unitOf } from '../units.ts';
import { whereOf } from '../view-state.ts';
import { whileVisible } from '../visible.ts';
import './distribution.css';
import { columnMs } from './windows.ts';

interface Newest {
  p50: number | null;
  p99: number | null;
}

export function Distribution({ gateway, metric }: { gateway: Gateway; metric: string }) {
  const plot = useRef<HTMLDivElement>(null);
  const newest = useSignal<Newest>({ p50: null, p99: null });
  const fault = useSignal('');
  const { filters, spanMs, at } = view.value;
  const where = whereOf(filters);
  const unit = unitOf(metric, 'timer');

  useEffect(() => {
    const host = plot.current;
    if (!host) return;
    const heatmap = new Heatmap(host);
    const stepMs = columnMs(spanMs);
    const draw = () =>
      heatmap.draw({
        theme: theme.value,
        unit,
        end: edge(),
        spanMs,
        stepMs,
        events: gateway.events.value.events,
        crosshair: crosshair.value,
      });
    const query: Query = {
      metric,
      where,
      by: [],
      window: stepMs,
      slide: stepMs,
      stats: [...HEAT_STATS],
    };
    heatmap.onPoint = (time) => {
      crosshair.value = time;
      frames.soon(draw);
    };
    const reader = {
      update: (update: Update) => {
        heatmap.columns.take(update);
        const last = heatmap.columns.newest;
        newest.value = { p50: last?.lines[0] ?? null, p99: last?.lines[1] ?? null };
        frames.soon(draw);
      },
      failed: (error: Error) => {
        fault.value = error.message;
      },
    };
    const stop = whileVisible(host, () => {
      const leave = frames.join(draw);
      const unwatch = watch(gateway, query, { spanMs, at, rate: stepMs }, reader);
      return () => {
        leave();
        unwatch();
      };
    });
    return () => {
      stop();
      heatmap.destroy();
    };
  }, [gateway, metric, JSON.stringify(where), spanMs, at]);

  const { p50, p99 } = newest.value;
  const since = edge() - spanMs;
  const said = saidOf(gateway.events.value.events.filter(({ time }) => time >= since));
  const numbers =
    p99 === null ? 'no data yet' : `p50 ${valueText(p50, unit)}, p99 ${valueText(p99, unit)}`;
  return (
    <section class="card distribution" data-testid="distribution" data-metric={metric}>
      <header>
        <h2 title={metric}>
          <b>{metric}</b> distribution
        </h2>
        <span class="stat">
          {unit} ·{' '}
          {filters.length > 0 ? filters.map(({ value }) => value).join(', ') : 'all series'}
        </span>
        <span class="heat-key">
          <span>
            <i class="key-p99" /> p99
          </span>
          <span>
            <i class="key-p50" /> p50
          </span>
          <span>
            count <i class="key-ramp" />
          </span>
        </span>
      </header>
      <div
        ref={plot}
        class="plot heat-plot"
        role="img"
        aria-label={`${metric}, distribution over time: ${numbers}${said && `. ${said}`}`}
      />
      {fault.value && <p class="fault">{fault.value}</p>}
    </section>
  );
}
