// CardFeed: what one card reads and draws, while it can be seen: its lines, the whole beside its title, who fell silent.
// Outside of the framework: it tells `say` when there is something new to be read. Owned by one Card.

import type { Table, Update } from '../../client/index.ts';
import { edge, view } from '../address.ts';
import { crosshair } from '../charts/crosshair.ts';
import { frames } from '../charts/frame-loop.ts';
import { LineChart, type Threshold } from '../charts/line-chart.ts';
import { placeAt } from '../charts/pointing.ts';
import { Points } from '../charts/points.ts';
import { Silence } from '../charts/silence.ts';
import { clockOf } from '../events.ts';
import type { Gateway, Metric } from '../gateway.ts';
import { type Span, watch } from '../source.ts';
import { theme } from '../theme.ts';
import { showText, type Unit, unitOf } from '../units.ts';
import type { ViewState } from '../view-state.ts';
import type { View } from '../views.ts';
import type { Row } from './legend.tsx';

const NAME_CHARACTERS_MAX = 120;
const SILENCE_HISTORY_MS = 60_000;

export const cut = (text: string) =>
  text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX)}…` : text;

export interface Said {
  rows: Row[];
  others: number;
  how: string;
  /** Seconds since the last sample of those that fell silent, the longest first. */
  silent: { name: string; seconds: number }[];
}
export interface PointTable {
  names: string[];
  rows: { time: number; values: (number | null)[] }[];
}
export const NOTHING: Said = { rows: [], others: 0, how: '', silent: [] };

export class CardFeed {
  readonly chart: LineChart;
  readonly unit: Unit;
  #points: Points;
  #silence: Silence;
  readonly #gateway: Gateway;
  readonly #metric: Metric;
  #view: View;
  thresholds: readonly Threshold[] = [];

  say: (said: Said) => void = () => {};
  sayWhole: (asides: (number | null)[]) => void = () => {};
  fail: (message: string) => void = () => {};

  constructor(host: HTMLElement, gateway: Gateway, metric: Metric, asked: View) {
    this.#gateway = gateway;
    this.#metric = metric;
    this.#view = asked;
    this.unit = unitOf(metric.name, metric.kind);
    this.#points = new Points(asked.stat, this.nameOf);
    this.#silence = new Silence(this.nameOf);
    this.chart = new LineChart(host, this.#points);
  }

  readonly nameOf = (tags: Readonly<Record<string, string>>): string =>
    cut(Object.values(tags).join(' · ') || this.#view.stat);

  readonly draw = (): void => {
    const { spanMs } = view.peek();
    this.chart.draw({
      theme: theme.peek(),
      unit: this.unit,
      spanSeconds: spanMs / 1000,
      end: edge(),
      events: this.#gateway.events.peek().events,
      stepSeconds: Number(this.#view.query.slide) / 1000,
      thresholds: this.thresholds,
      ended: this.#silence.silent,
    });
  };

  /** Until it is called off. */
  enter(asked: View, { spanMs, at }: ViewState): () => void {
    this.#view = asked;
    // What is drawn stays until there is something to draw in its place.
    const points = new Points(this.#view.stat, this.nameOf);
    this.#silence = new Silence(this.nameOf);
    // A rate is right for whole windows only; everything else is shown as soon as it is known.
    const rate = this.#metric.kind === 'counter' ? '1s' : '250ms';
    const take = (update: Update) => {
      points.take(update);
      if (update.kind === 'history') return;
      this.#show(points);
    };
    const stops = [
      frames.join(this.draw),
      watch(
        this.#gateway,
        this.#view.query,
        { spanMs, at, rate },
        {
          update: take,
          whole: () => this.#show(points),
          stale: () => points.breakLine(),
          failed: (error) => this.fail(error.message),
        },
      ),
      this.#watchWhole({ spanMs, at, rate }),
      this.#watchSilence(at),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #show(points: Points): void {
    this.#points = this.chart.points = points;
    frames.soon(this.draw);
    this.tell();
  }

  /** The rows as they are now, or were at the moment that is pointed at. */
  tell(): void {
    const { others, how } = this.chart.folded;
    const rows = this.#rows(crosshair.peek());
    const silent = [...this.#silence.silent]
      .map(([name, end]) => ({ name, seconds: Math.round(this.#silence.now - end) }))
      .sort((a, b) => b.seconds - a.seconds);
    this.say({ rows, others, how, silent });
  }

  #rows(at: number | null): Row[] {
    const { times } = this.#points;
    const place = at === null ? times.length - 1 : placeAt(times, at);
    const { lines } = this.chart.folded;
    const ended = this.#silence.silent;
    const rows: Row[] = [...lines].map(([name, line]) => {
      const end = ended.get(name);
      const silent = end !== undefined && (times[place] ?? 0) > end;
      return { name, value: silent ? null : (line[place] ?? null), silent };
    });
    rows.sort(
      (a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || (a.name < b.name ? -1 : 1),
    );
    return rows;
  }

  /** To another point, as a reader of the chart walks by keys; says what is there. */
  walk(to: 'back' | 'forth' | 'first' | 'last'): string {
    const { times } = this.#points;
    const from = edge() - view.peek().spanMs;
    const first = placeAt(times, from) + 1;
    const last = placeAt(times, edge());
    if (last < first) return 'no data';
    const at = crosshair.peek();
    const here = at === null ? last + 1 : placeAt(times, at);
    const place = { back: here - 1, forth: here + 1, first, last }[to];
    const time = (times[Math.min(Math.max(place, first), last)] as number) * 1000;
    crosshair.value = time;
    const values = this.#rows(time).map(
      ({ name, value }) => `${name} ${showText(value, this.unit)}`,
    );
    return `${clockOf(time, Date.now())}: ${values.join(', ')}`;
  }

  /** The newest points that are drawn, the newest first. */
  table(most: number): PointTable {
    const { times } = this.#points;
    const { lines } = this.chart.folded;
    const ended = this.#silence.silent;
    const last = placeAt(times, edge());
    const places = [...times.keys()].slice(Math.max(0, last + 1 - most), last + 1);
    return {
      names: [...lines.keys()],
      rows: places.reverse().map((at) => ({
        time: (times[at] as number) * 1000,
        values: [...lines].map(([name, line]) =>
          (times[at] as number) > (ended.get(name) ?? Infinity) ? null : (line[at] ?? null),
        ),
      })),
    };
  }

  /** Beside the title stands the whole metric; the lines are its parts. */
  #watchWhole(span: Span): () => void {
    const { asides, query } = this.#view;
    if (asides.length === 0) return () => {};
    const spanMs = span.at === 'live' ? 0 : Number(query.slide);
    const { order: _, limit: __, ...whole } = query;
    return watch(
      this.#gateway,
      { ...whole, by: [] },
      { ...span, spanMs },
      {
        update: ({ correction, table }) => {
          if (!correction) this.sayWhole(asidesOf(table, this.#view));
        },
      },
    );
  }

  #watchSilence(at: Span['at']): () => void {
    if (at !== 'live') return () => {};
    const { order: _, limit: __, ...query } = this.#view.query;
    return watch(
      this.#gateway,
      { ...query, window: '1s', slide: '1s', stats: ['count'] },
      { spanMs: SILENCE_HISTORY_MS, at, rate: '1s' },
      {
        update: (update) => {
          this.#silence.take(update);
          // Of what has ended nothing else comes that would say so.
          if (this.#silence.silent.size > 0) this.tell();
        },
      },
    );
  }

  destroy(): void {
    this.chart.destroy();
  }
}

/** Of a table of one row, whatever its tags. */
function asidesOf(table: Table, { asides }: View): (number | null)[] {
  const [only] = table.rows();
  return only === undefined ? [] : asides.map((stat) => table.get(only, stat));
}
