// Faces: what a card of a board shows: lines, a heatmap, bars or a number. Each reads while it can be seen, and tells its
// newest values, which its limits are held to.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Query, Stat, Table } from '../../client/index.ts';
import { crosshair } from '../charts/crosshair.ts';
import { frames } from '../charts/frame-loop.ts';
import { HEAT_STATS } from '../charts/heat-columns.ts';
import { Heatmap } from '../charts/heatmap.ts';
import { type LegendRows, legendRows } from '../charts/legend-rows.ts';
import { type Threshold as Limit, LineChart } from '../charts/line-chart.ts';
import { Points } from '../charts/points.ts';
import type { Gateway } from '../gateway.ts';
import { Legend } from '../parts/legend.tsx';
import { watch } from '../source.ts';
import { theme } from '../theme.ts';
import { show, showText, type Unit } from '../units.ts';
import type { Threshold } from './board.ts';

const BARS_MAX = 12;
const LINES_MAX = 20;

export interface FaceProps {
  gateway: Gateway;
  face: {
    metric: string;
    stat: Stat;
    by: string[];
    where: NonNullable<Query['where']>;
    spanMs: number;
    at: 'live' | number;
    windowMs: number;
    stepMs: number;
  };
  title: string;
  unit: Unit;
  threshold: Threshold | undefined;
  told: (values: (number | null)[]) => void;
  failed: (message: string) => void;
}
type Face = FaceProps['face'];

interface Row {
  name: string;
  value: number | null;
}

function queryOf({ metric, where, by, stat, windowMs, stepMs }: Face, rows: number): Query {
  return {
    metric,
    ...(where.length > 0 && { where }),
    ...(by.length > 0 && { by, order: `${stat}:desc`, limit: rows }),
    window: windowMs,
    slide: stepMs,
    stats: [stat],
  };
}

const nameOf = (tags: Readonly<Record<string, string>>, stat: string) =>
  Object.values(tags).join(' · ') || stat;

function rowsOf(table: Table, stat: Stat): Row[] {
  return [...table.rows()]
    .map((row) => ({ name: nameOf(table.tags(row), stat), value: table.get(row, stat) }))
    .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || (a.name < b.name ? -1 : 1));
}

/** Of the past the last window is the newest, whatever else is told later. */
class Newest {
  rows: Row[] = [];
  #end = 0;
  take(end: number, correction: boolean, rows: () => Row[]): boolean {
    if (correction || end < this.#end) return false;
    this.#end = end;
    this.rows = rows();
    return true;
  }
}

const limitsOf = (threshold: Threshold | undefined): Limit[] =>
  (['warn', 'crit'] as const).flatMap((level) => {
    const value = threshold?.[level];
    return value === undefined ? [] : [{ value, level }];
  });

const endOf = ({ at }: Face) => (at === 'live' ? Date.now() : at);

const summaryOf = (title: string, stat: string, rows: readonly Row[], unit: Unit) => {
  const some = rows.slice(0, 3).map(({ name, value }) => `${name} ${showText(value, unit)}`);
  return `${title}, ${stat}: ${some.join(', ') || 'no data yet'}`;
};

export function LineFace(props: FaceProps) {
  const { gateway, face, title, unit } = props;
  const plot = useRef<HTMLDivElement>(null);
  const rows = useSignal<Row[]>([]);
  const legend = useSignal<LegendRows>({ rows: [], others: 0, how: '' });
  const limits = JSON.stringify(limitsOf(props.threshold));
  useEffect(() => {
    const host = plot.current;
    if (!host) return;
    const points = new Points(face.stat, (tags) => nameOf(tags, face.stat));
    const newest = new Newest();
    let chart: LineChart | null = null;
    const draw = () => {
      // A chart has the height that it was made with; the card may have got another.
      const height = host.clientHeight;
      if (height <= 0) return;
      if (chart?.height !== height) {
        chart?.destroy();
        chart = new LineChart(host, points, height);
      }
      chart.draw({
        theme: theme.value,
        unit,
        spanSeconds: face.spanMs / 1000,
        end: endOf(face),
        stepSeconds: face.stepMs / 1000,
        thresholds: JSON.parse(limits),
        events: gateway.events.value.events,
      });
      const now = legendRows(chart.folded, points.times, crosshair.peek());
      if (JSON.stringify(now) !== JSON.stringify(legend.peek())) legend.value = now;
    };
    const leave = frames.join(draw);
    const stop = watch(
      gateway,
      queryOf(face, LINES_MAX),
      { ...face, rate: 1000 },
      {
        update: (update) => {
          points.take(update);
          const rowsNow = () => rowsOf(update.table, face.stat);
          if (newest.take(update.window[1], update.correction, rowsNow)) {
            rows.value = newest.rows;
            props.told(newest.rows.map(({ value }) => value));
          }
          frames.soon(draw);
        },
        stale: () => points.breakLine(),
        failed: ({ message }) => props.failed(message),
      },
    );
    return () => {
      stop();
      leave();
      chart?.destroy();
    };
  }, [face, unit, limits]);
  return (
    <>
      <div
        ref={plot}
        class="face"
        role="img"
        aria-label={summaryOf(title, face.stat, rows.value, unit)}
      />
      <Legend {...legend.value} unit={unit} />
    </>
  );
}

export function HeatFace(props: FaceProps) {
  const { gateway, face, title, unit } = props;
  const plot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = plot.current;
    if (!host) return;
    const heat = new Heatmap(host);
    const draw = () =>
      heat.draw({
        theme: theme.value,
        unit,
        end: endOf(face),
        spanMs: face.spanMs,
        stepMs: face.stepMs,
        events: gateway.events.value.events,
        crosshair: crosshair.value,
      });
    const { metric, where, stepMs } = face;
    const query: Query = {
      metric,
      ...(where.length > 0 && { where }),
      window: stepMs,
      slide: stepMs,
      stats: [...HEAT_STATS],
    };
    heat.onPoint = (time) => {
      crosshair.value = time;
    };
    const leave = frames.join(draw);
    const stop = watch(
      gateway,
      query,
      { ...face, rate: 1000 },
      {
        update: (update) => {
          heat.columns.take(update);
          if (!update.correction)
            props.told([...update.table.rows()].map((row) => update.table.get(row, 'p99')));
          frames.soon(draw);
        },
        failed: ({ message }) => props.failed(message),
      },
    );
    return () => {
      stop();
      leave();
      heat.destroy();
    };
  }, [face, unit]);
  return <div ref={plot} class="face" role="img" aria-label={`${title}: distribution over time`} />;
}

/** Rows of the newest window, for faces that draw no past. */
function useNewest({ gateway, face, told, failed }: FaceProps, rowsMax: number): Row[] {
  const rows = useSignal<Row[]>([]);
  useEffect(() => {
    const newest = new Newest();
    // Of the past at least one window.
    const spanMs = face.at === 'live' ? 0 : face.stepMs;
    return watch(
      gateway,
      queryOf(face, rowsMax),
      { ...face, spanMs, rate: 1000 },
      {
        update: (update) => {
          const rowsNow = () => rowsOf(update.table, face.stat);
          if (!newest.take(update.window[1], update.correction, rowsNow)) return;
          rows.value = newest.rows;
          told(newest.rows.map(({ value }) => value));
        },
        failed: ({ message }) => failed(message),
      },
    );
  }, [face]);
  return rows.value;
}

export function BarsFace(props: FaceProps) {
  const rows = useNewest(props, BARS_MAX);
  const longest = Math.max(...rows.map(({ value }) => Math.abs(value ?? 0)), 0) || 1;
  return (
    <ul class="face bars">
      {rows.map(({ name, value }) => (
        <li key={name} class="bar-row" data-raw={value ?? ''}>
          <span class="bar-name" title={name}>
            {name}
          </span>
          <span class="bar-track" aria-hidden="true">
            <i class="bar" style={{ width: `${(Math.abs(value ?? 0) / longest) * 100}%` }} />
          </span>
          <span class="bar-value">{showText(value, props.unit)}</span>
        </li>
      ))}
    </ul>
  );
}

export function NumberFace(props: FaceProps) {
  const [first] = useNewest(props, 1);
  const { number, unit } = show(first?.value ?? null, props.unit);
  return (
    <p class="face big" data-testid="number" data-raw={first?.value ?? ''}>
      {number}
      {unit && <small> {unit}</small>}
    </p>
  );
}
