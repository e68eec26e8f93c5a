// SeriesRow: one series: its value, its change, its line. It asks for its past once it has stood still for a moment, so that
// scrolling past asks for nothing.

import { useEffect, useRef } from 'preact/hooks';
import { edge, follow, view } from '../address.ts';
import { frames } from '../charts/frame-loop.ts';
import { Sparkline } from '../charts/sparkline.ts';
import { valueText } from '../charts/ticks.ts';
import { Trace } from '../charts/trace.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { unitOf } from '../units.ts';
import { PLAIN, stepsOf, viewText, whereOf } from '../view-state.ts';
import { type Series, seriesChange, seriesQuery, VALUE } from './series-list.ts';

const STILL_MS = 200;

export interface SeriesRowProps {
  gateway: Gateway;
  series: Series;
  index: number;
  /** Of the series, so that a change of them is seen. */
  now: number | null;
  before: number | null;
}

/** Its metric, its tags as filters. */
function addressOf({ metric, tags }: Series): string {
  const filters = tags.map(([key, value]) => ({ key, value }));
  const own = viewText({ ...PLAIN, filters }).replace('?', '&');
  return `/explore?m=${encodeURIComponent(metric)}${own}`;
}

export function SeriesRow({ gateway, series, index, now }: SeriesRowProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { filters, spanMs, at } = view.value;
  useEffect(() => {
    const place = canvas.current;
    if (!place) return;
    const trace = new Trace();
    const spark = new Sparkline(place);
    const steps = stepsOf(spanMs);
    const stat = VALUE[series.kind];
    const draw = () => {
      const colour = getComputedStyle(place).color;
      spark.draw(trace, { end: edge(), spanMs, stepMs: steps.slideMs, colour, filled: false });
    };
    let stops: (() => void)[] = [];
    const timer = setTimeout(() => {
      const query = seriesQuery(series, whereOf(filters), steps);
      const update = ({
        window: [, end],
        table,
      }: Parameters<Parameters<typeof watch>[3]['update']>[0]) => {
        const [row] = table.rows();
        trace.put(end, row === undefined ? null : table.get(row, stat));
        frames.soon(draw);
      };
      stops = [watch(gateway, query, { spanMs, at, rate: '1s' }, { update }), frames.join(draw)];
    }, STILL_MS);
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [gateway, series.key, JSON.stringify(filters), spanMs, at]);

  const change = seriesChange(series);
  return (
    <tr data-testid="series-row" data-change={change.level} aria-rowindex={index + 2}>
      <td class="series-name" title={`${series.metric} ${series.label}`}>
        <a href={addressOf(series)} onClick={follow}>
          <b>{series.metric}</b> {series.label}
        </a>
      </td>
      <td class="value" data-raw={now ?? ''}>
        {valueText(now, unitOf(series.metric, series.kind))}
      </td>
      <td class="change-cell">
        {change.shape} {change.text}
      </td>
      <td class="series-spark">
        <canvas ref={canvas} />
      </td>
    </tr>
  );
}
