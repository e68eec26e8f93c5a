// LinesCard: the chart of a metric by group, what it says in a sentence, its values as a table, and how to take it along.

import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { crosshair } from '../charts/crosshair.ts';
import { frames } from '../charts/frame-loop.ts';
import { type LegendRows, legendRows } from '../charts/legend-rows.ts';
import { LineChart } from '../charts/line-chart.ts';
import { Points } from '../charts/points.ts';
import type { Gateway } from '../gateway.ts';
import { Legend } from '../parts/legend.tsx';
import { watch } from '../source.ts';
import { theme } from '../theme.ts';
import type { Unit } from '../units.ts';
import { sentenceOf } from './sentence.ts';
import { type Asked, nameOf, newest, queryOf, type Shown, type Tags } from './shown.ts';
import { Code, Files } from './take-along.tsx';
import { ValuesTable } from './values-table.tsx';

const HEIGHT = 260;
const BARE_ROOM = 96;
/** What is read aloud or written changes no more often. */
const SAY_MS = 1000;

interface Props {
  gateway: Gateway;
  asked: Asked;
  unit: Unit;
  /** The chart alone, as large as the page. */
  bare: boolean;
  file: Shown | null;
  open: (file: Shown | null) => void;
}

/** Points of one question, with the tags of each line. */
class Lines {
  readonly #tags = new Map<string, Tags>();
  readonly points: Points;
  readonly asked: Asked;

  constructor(asked: Asked) {
    this.asked = asked;
    this.points = new Points(asked.stat, (tags) => {
      const name = nameOf(tags, asked.stat);
      this.#tags.set(name, tags);
      return name;
    });
  }

  put({ times, lines }: Shown): void {
    this.points.times.push(...times.map((time) => time / 1000));
    for (const { tags, values } of lines)
      this.points.lines.set(this.points.nameOf(tags), [...values]);
  }

  /** What stands within the time axis, lines with the greatest newest values first. */
  shown(now: number): Shown {
    const { spanMs, at } = this.asked;
    const end = at === 'live' ? now : at;
    const from = this.points.times.findIndex((time) => time * 1000 > end - spanMs);
    const since = from < 0 ? this.points.times.length : from;
    const lines = [...this.points.lines]
      .map(([name, values]) => ({ tags: this.#tags.get(name) ?? {}, values: values.slice(since) }))
      .sort((a, b) => (newest(b) ?? -Infinity) - (newest(a) ?? -Infinity));
    // A gap is no window: where the link was down nothing is known.
    const places = this.points.times
      .slice(since)
      .flatMap((time, place) => (Number.isInteger(time) ? [place] : []));
    return {
      asked: this.asked,
      times: places.map((place) => Math.round((this.points.times[since + place] ?? 0) * 1000)),
      lines: lines.map(({ tags, values }) => ({
        tags,
        values: places.map((place) => values[place] ?? null),
      })),
    };
  }
}

export function LinesCard({ gateway, asked, unit, bare, file, open }: Props) {
  const plot = useRef<HTMLDivElement>(null);
  const shown = useSignal<Shown>({ asked, times: [], lines: [] });
  const legend = useSignal<LegendRows>({ rows: [], others: 0, how: '' });
  const fault = useSignal('');
  const current = useRef<() => Shown>(() => shown.peek());

  useEffect(() => {
    const host = plot.current;
    if (!host) return;
    const lines = new Lines(asked);
    const height = bare ? Math.max(120, innerHeight - BARE_ROOM) : HEIGHT;
    const chart = new LineChart(host, lines.points, height);
    const draw = () =>
      chart.draw({
        theme: theme.value,
        unit,
        spanSeconds: asked.spanMs / 1000,
        end: asked.at === 'live' ? Date.now() : asked.at,
        stepSeconds: asked.stepMs / 1000,
        events: gateway.events.value.events,
      });
    const tell = () => {
      legend.value = legendRows(chart.folded, lines.points.times, crosshair.value);
    };
    const say = () => {
      shown.value = lines.shown(Date.now());
      tell();
    };
    current.current = () => lines.shown(Date.now());
    fault.value = '';
    const leave = frames.join(draw);
    const stop = file
      ? () => {}
      : watch(
          gateway,
          queryOf(asked),
          { ...asked, rate: 1000 },
          {
            update: (update) => {
              lines.points.take(update);
              frames.soon(draw);
            },
            stale: () => lines.points.breakLine(),
            whole: say,
            failed: ({ message }) => {
              fault.value = message;
            },
          },
        );
    if (file) lines.put(file);
    say();
    const timer = setInterval(say, SAY_MS);
    const stopTelling = effect(tell);
    return () => {
      clearInterval(timer);
      stopTelling();
      stop();
      leave();
      chart.destroy();
    };
  }, [asked, unit, file, bare]);

  const text = sentenceOf(shown.value, unit);
  return (
    <section class="card explore-lines" data-testid="lines" data-link={gateway.link.value.state}>
      {bare && <h1 class="metric-name">{asked.metric}</h1>}
      {file && (
        <p class="from-file" role="status" data-testid="from-file">
          This is what a file holds, not what comes in now.{' '}
          <button type="button" class="small" onClick={() => open(null)}>
            Close the file
          </button>
        </p>
      )}
      <header>
        <p class="sentence" data-testid="sentence">
          {text}
        </p>
        {!bare && (
          <Files
            shown={() => current.current()}
            plot={plot}
            unit={unit}
            asked={asked}
            open={open}
          />
        )}
      </header>
      <div ref={plot} class="plot tall" role="img" aria-label={text} />
      {fault.value ? <p class="fault">{fault.value}</p> : <Legend {...legend.value} unit={unit} />}
      {!bare && (
        <>
          <ValuesTable shown={shown.value} unit={unit} />
          <Code asked={asked} />
        </>
      )}
    </section>
  );
}
