// Card: one metric: its chart, its lines by name with their newest values, what is wrong with it. Subscribes while it can be
// seen.

import { effect, type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { edge, view } from '../address.ts';
import { crosshair } from '../charts/crosshair.ts';
import { clockOf, saidOf } from '../events.ts';
import type { Gateway, Metric, TagKey, Threshold } from '../gateway.ts';
import { aloud } from '../say.ts';
import { overOf, passedBy, thresholdOf } from '../thresholds.ts';
import { showText, type Unit, unitOf } from '../units.ts';
import { type View, viewOf } from '../views.ts';
import { whileVisible } from '../visible.ts';
import { CardFeed, cut, NOTHING, type PointTable, type Said } from './card-feed.ts';
import { Legend, type Row } from './legend.tsx';

/** Rows of the table behind a chart. */
const TABLE_MAX = 60;

interface CardProps {
  gateway: Gateway;
  metric: Metric;
  tags: readonly TagKey[];
}

export function Card({ gateway, metric, tags }: CardProps) {
  const plot = useRef<HTMLDivElement>(null);
  const feed = useRef<CardFeed | null>(null);
  const said = useSignal<Said>(NOTHING);
  const asides = useSignal<(number | null)[]>([]);
  const fault = useSignal('');
  const table = useSignal<PointTable | null>(null);
  const { spanMs, at } = view.value;
  const text = JSON.stringify(viewOf(metric, tags, view.value));
  const asked = useMemo<View>(() => JSON.parse(text), [text]);
  const unit = unitOf(metric.name, metric.kind);
  const threshold = thresholdOf(gateway.thresholds.value, metric.name, asked.stat);

  useEffect(() => {
    const made = new CardFeed(plot.current as HTMLElement, gateway, metric, asked);
    feed.current = made;
    made.say = (rows) => {
      said.value = rows;
    };
    made.sayWhole = (values) => {
      asides.value = values;
    };
    made.fail = (message) => {
      fault.value = message;
    };
    const stop = effect(() => {
      void crosshair.value;
      made.tell();
    });
    return () => {
      stop();
      made.destroy();
    };
  }, [gateway]);

  useEffect(() => {
    fault.value = '';
    return whileVisible(plot.current as HTMLElement, () =>
      (feed.current as CardFeed).enter(asked, view.peek()),
    );
  }, [asked, spanMs, at, gateway]);

  useEffect(() => {
    const made = feed.current as CardFeed;
    made.thresholds = (['warn', 'crit'] as const).flatMap((level) => {
      const value = threshold?.[level] ?? null;
      return value === null ? [] : [{ level, value }];
    });
    made.draw();
  }, [threshold]);

  return (
    <section
      class="card"
      data-testid="card"
      data-metric={metric.name}
      data-link={gateway.link.value.state}
    >
      <header>
        <h3 title={metric.name}>{cut(asked.title)}</h3>
        <span class="stat">{asked.stat}</span>
        <Over rows={said.value.rows} threshold={threshold} unit={unit} />
        <Silent silent={said.value.silent} />
        <Asides view={asked} values={asides.value} unit={unit} />
      </header>
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: keys walk the points of a chart */}
      <div
        ref={plot}
        class="plot"
        role="img"
        tabIndex={0}
        aria-roledescription="chart"
        aria-keyshortcuts="ArrowLeft ArrowRight Home End d"
        aria-label={nameOf(gateway, asked, said.value, unit)}
        onKeyDown={(event) => keyed(event, feed.current as CardFeed, table)}
        onBlur={() => {
          crosshair.value = null;
        }}
      />
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: keys walk the points of a chart */}
      {fault.value ? <p class="fault">{fault.value}</p> : <Legend {...said.value} unit={unit} />}
      {table.value && <Points table={table.value} unit={unit} />}
    </section>
  );
}

const WALKS: Record<string, Parameters<CardFeed['walk']>[0]> = {
  ArrowLeft: 'back',
  ArrowRight: 'forth',
  Home: 'first',
  End: 'last',
};

function keyed(event: KeyboardEvent, feed: CardFeed, table: Signal<PointTable | null>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const walk = WALKS[event.key];
  if (walk) aloud.value = feed.walk(walk);
  else if (event.key === 'd') table.value = table.value ? null : feed.table(TABLE_MAX);
  else return;
  event.preventDefault();
}

/** The numbers behind a chart, as they stood when they were asked for. */
function Points({ table: { names, rows }, unit }: { table: PointTable; unit: Unit }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <div class="points" tabIndex={0} data-testid="points">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, values }) => (
            <tr key={time}>
              <th scope="row">{clockOf(time, Date.now())}</th>
              {values.map((value, at) => (
                <td key={names[at]}>{showText(value, unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the chart says, for those who hear it. */
function nameOf(gateway: Gateway, { title, stat }: View, { rows }: Said, unit: Unit): string {
  const newest = rows.slice(0, 3).map((row) => `${row.name} ${showText(row.value, unit)}`);
  const since = edge() - view.value.spanMs;
  const events = saidOf(gateway.events.value.events.filter(({ time }) => time >= since));
  return `${cut(title)}, ${stat}: ${newest.join(', ') || 'no data yet'}${events && `. ${events}`}`;
}

/** `over 300 ms`: shape and word say what the colour says. */
function Over({
  rows,
  threshold,
  unit,
}: {
  rows: readonly Row[];
  threshold: Threshold | undefined;
  unit: Unit;
}) {
  const passed = passedBy(rows, threshold);
  if (!passed) return null;
  const { shape, text } = overOf(passed, unit);
  return (
    <span
      class="badge"
      data-level={passed.level === 'crit' ? 'error' : 'warning'}
      data-testid="over"
      title={passed.names.join(', ')}
    >
      <i aria-hidden="true">{shape}</i>
      {text}
    </span>
  );
}

/** `no data 18 s`, with the line's name where it is one of several. */
function Silent({ silent }: { silent: Said['silent'] }) {
  const [first] = silent;
  if (!first) return null;
  const more = silent.length > 1 ? `, +${silent.length - 1}` : '';
  return (
    <span class="badge" data-level="warning" data-testid="no-data" title={`${first.name}: no data`}>
      <i aria-hidden="true">◆</i> <span class="badge-name">{first.name}:</span> no data{' '}
      {first.seconds} s{more}
    </span>
  );
}

function Asides({ view, values, unit }: { view: View; values: (number | null)[]; unit: Unit }) {
  return (
    <span class="asides">
      {values.map((value, at) => (
        <span key={view.asides[at]} data-stat={view.asides[at]} data-raw={value ?? ''}>
          {view.asides[at]} <b>{showText(value, view.asides[at] === 'rate' ? '/s' : unit)}</b>
        </span>
      ))}
    </span>
  );
}
