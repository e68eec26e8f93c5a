// Faces: what a card of a board shows: lines, a heatmap, bars or a number. Each reads while it can be seen, and tells its
// newest values, which its limits are held to.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Query, Stat, Table } from '../../client/index.ts';
import { frames } from '../charts/frame-loop.ts';
import { HEAT_STATS } from '../charts/heat-columns.ts';
import { Heatmap } from '../charts/heatmap.ts';
import { LineChart } from '../charts/line-chart.ts';
import { Points } from '../charts/points.ts';
import { strokes } from '../colours.ts';
import { read } from '../explore/reading.ts';
import type { Gateway } from '../gateway.ts';
import { theme } from '../theme.ts';
import { show, showText, type Unit } from '../units.ts';
import type { Threshold } from './board.ts';

const BARS_MAX = 12;
const LINES_MAX = 20;
/** As many as are drawn. */
const NAMES_MAX = 8;

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

const endOf = ({ at }: Face) => (at === 'live' ? Date.now() : at);

const summaryOf = (title: string, stat: string, rows: readonly Row[], unit: Unit) => {
  const some = rows.slice(0, 3).map(({ name, value }) => `${name} ${showText(value, unit)}`);
  return `${title}, ${stat}: ${some.join(', ') || 'no data yet'}`;
};

export function LineFace(props: FaceProps) {
  const { gateway, face, title, unit } = props;
  const plot = useRef<HTMLDivElement>(null);
  const rows = useSignal<Row[]>([]);
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
        events: gateway.events.value.events,
      });
    };
    const leave = frames.join(draw);
    const stop = read(
      gateway.weir,
      queryOf(face, LINES_MAX),
      { ...face, rate: 1000 },
      {
        update: (update) => {
          gateway.heard();
          points.take(update);
          const rowsNow = () => rowsOf(update.table, face.stat);
          if (newest.take(update.window[1], update.correction, rowsNow)) {
            rows.value = newest.rows;
            props.told(newest.rows.map(({ value }) => value));
          }
          frames.soon(draw);
        },
        stale: () => points.breakLine(),
        fault: props.failed,
      },
    );
    return () => {
      stop();
      leave();
      chart?.destroy();
    };
  }, [face, unit]);
  const named = rows.value.slice(0, NAMES_MAX).map(({ name }) => name);
  const colours = strokes(named, theme.value);
  return (
    <>
      <div
        ref={plot}
        class="face"
        role="img"
        aria-label={summaryOf(title, face.stat, rows.value, unit)}
      />
      <ul class="legend one-line">
        {rows.value.slice(0, NAMES_MAX).map(({ name, value }) => (
          <li key={name}>
            <i
              class={colours.get(name)?.dashed ? 'swatch dashed' : 'swatch'}
              style={{ '--series': colours.get(name)?.colour }}
            />
            <span class="name" title={name}>
              {name}
            </span>
            <span class="value" data-testid="value" data-row={name} data-raw={value ?? ''}>
              {showText(value, unit)}
            </span>
          </li>
        ))}
      </ul>
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
        crosshair: null,
      });
    const { metric, where, stepMs } = face;
    const query: Query = {
      metric,
      ...(where.length > 0 && { where }),
      window: stepMs,
      slide: stepMs,
      stats: [...HEAT_STATS],
    };
    const leave = frames.join(draw);
    const stop = read(
      gateway.weir,
      query,
      { ...face, rate: 1000 },
      {
        update: (update) => {
          gateway.heard();
          heat.columns.take(update);
          if (!update.correction)
            props.told([...update.table.rows()].map((row) => update.table.get(row, 'p99')));
          frames.soon(draw);
        },
        stale: () => {},
        fault: props.failed,
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
    const span = { ...face, spanMs: face.stepMs, rate: 1000 };
    return read(gateway.weir, queryOf(face, rowsMax), span, {
      update: (update) => {
        gateway.heard();
        const rowsNow = () => rowsOf(update.table, face.stat);
        if (!newest.take(update.window[1], update.correction, rowsNow)) return;
        rows.value = newest.rows;
        told(newest.rows.map(({ value }) => value));
      },
      stale: () => {},
      fault: failed,
    });
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
