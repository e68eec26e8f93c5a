// Card: one metric: its chart, its lines by name with their newest values. Subscribes while it can be seen.

import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Table, Update } from '../../client/index.ts';
import { frames } from '../charts/frame-loop.ts';
import { LineChart } from '../charts/line-chart.ts';
import { Points } from '../charts/points.ts';
import { strokes } from '../colours.ts';
import { saidOf } from '../events.ts';
import type { Gateway, Metric, TagKey } from '../gateway.ts';
import { theme } from '../theme.ts';
import { show, showText, type Unit, unitOf } from '../units.ts';
import { type View, viewOf } from '../views.ts';

const SPAN_SECONDS = 60;
const LEGEND_MAX = 8;
/** Scrolling past and back leaves no hole in the line. */
const LINGER_MS = 30_000;
const NAME_CHARACTERS_MAX = 120;

interface Row {
  name: string;
  value: number | null;
}

const cut = (text: string) =>
  text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX)}…` : text;

function rowsOf(table: Table, view: View, nameOf: Points['nameOf']): Row[] {
  const rows: Row[] = [];
  for (const row of table.rows())
    rows.push({ name: nameOf(table.tags(row)), value: table.get(row, view.stat) });
  rows.sort(
    (a, b) =>
      (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY) ||
      (a.name < b.name ? -1 : 1),
  );
  return rows;
}

/** Of a table of one row, whatever its tags. */
function asidesOf(table: Table, view: View): (number | null)[] {
  const [only] = table.rows();
  return only === undefined ? [] : view.asides.map((stat) => table.get(only, stat));
}

/** Calls while the element can be seen; what it returns is called a while after it no longer can. */
function whileVisible(element: Element, enter: () => () => void): () => void {
  let leave: (() => void) | null = null;
  let later: ReturnType<typeof setTimeout> | undefined;
  const observer = new IntersectionObserver((entries) => {
    clearTimeout(later);
    if (entries.at(-1)?.isIntersecting) leave ??= enter();
    else if (leave)
      later = setTimeout(() => {
        leave?.();
        leave = null;
      }, LINGER_MS);
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    clearTimeout(later);
    leave?.();
  };
}

interface CardProps {
  gateway: Gateway;
  metric: Metric;
  tags: readonly TagKey[];
}

export function Card({ gateway, metric, tags }: CardProps) {
  const plot = useRef<HTMLDivElement>(null);
  const shown = useSignal<Row[]>([]);
  const asides = useSignal<(number | null)[]>([]);
  const fault = useSignal('');
  const asked = JSON.stringify(viewOf(metric, tags));
  const view = useMemo<View>(() => JSON.parse(asked), [asked]);
  const unit = unitOf(metric.name, metric.kind);

  useEffect(() => {
    const host = plot.current;
    if (!host) return;
    const nameOf: Points['nameOf'] = (row) => cut(Object.values(row).join(' · ') || view.stat);
    const points = new Points(view.stat, nameOf);
    const chart = new LineChart(host, points);
    const draw = () =>
      chart.draw({
        theme: theme.value,
        unit,
        spanSeconds: SPAN_SECONDS,
        events: gateway.events.value.events,
      });
    const stop = whileVisible(host, () => {
      // A rate is right for whole windows only; everything else is shown as soon as it is known.
      const rate = metric.kind === 'counter' ? '1s' : '250ms';
      const subscription = gateway.weir.subscribe(view.query, {
        rate,
        whenHidden: 'keep',
        history: `${SPAN_SECONDS}s`,
      });
      const leave = frames.join(draw);
      // Beside the title stands the whole metric; the lines are its parts. Without parts the two are one subscription.
      const whole =
        view.asides.length > 0
          ? gateway.weir.subscribe({ ...view.query, by: [] }, { rate, whenHidden: 'keep' })
          : undefined;
      whole?.on('update', (update) => {
        if (!update.correction) asides.value = asidesOf(update.table, view);
      });
      const offs = [
        subscription.on('update', (update: Update) => {
          gateway.heard();
          points.take(update);
          if (!update.correction && update.kind !== 'history')
            shown.value = rowsOf(update.table, view, nameOf);
          frames.soon(draw);
        }),
        subscription.on('state', (state) => state === 'stale' && points.breakLine()),
        subscription.on('error', (error) => {
          fault.value = error.message;
        }),
      ];
      return () => {
        for (const off of [...offs, leave]) off();
        points.breakLine();
        subscription.close();
        whole?.close();
      };
    });
    return () => {
      stop();
      chart.destroy();
    };
  }, [view, unit, gateway]);

  const rows = shown.value;
  const summary = rows.slice(0, 3).map((row) => `${row.name} ${showText(row.value, unit)}`);
  const since = Date.now() - SPAN_SECONDS * 1000;
  const said = saidOf(gateway.events.value.events.filter(({ time }) => time >= since));
  return (
    <section
      class="card"
      data-testid="card"
      data-metric={metric.name}
      data-link={gateway.link.value.state}
    >
      <header>
        <h3 title={metric.name}>{cut(view.title)}</h3>
        <span class="stat">{view.stat}</span>
        <Asides view={view} values={asides.value} unit={unit} />
      </header>
      <div
        ref={plot}
        class="plot"
        role="img"
        aria-label={`${cut(view.title)}, ${view.stat}: ${summary.join(', ') || 'no data yet'}${said && `. ${said}`}`}
      />
      {fault.value ? <p class="fault">{fault.value}</p> : <Legend rows={rows} unit={unit} />}
    </section>
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

function Legend({ rows, unit }: { rows: Row[]; unit: Unit }) {
  const some = rows.slice(0, LEGEND_MAX);
  const colours = strokes(
    some.map((row) => row.name),
    theme.value,
  );
  return (
    <ul class="legend">
      {some.map(({ name, value }) => {
        const { number, unit: word } = show(value, unit);
        const stroke = colours.get(name);
        return (
          <li key={name}>
            <i
              class={stroke?.dashed ? 'swatch dashed' : 'swatch'}
              style={{ '--series': stroke?.colour }}
            />
            <span class="name" title={name}>
              {name}
            </span>
            <span class="value" data-testid="value" data-row={name} data-raw={value ?? ''}>
              {number}
              {word && <small> {word}</small>}
            </span>
          </li>
        );
      })}
      {rows.length > LEGEND_MAX && <li class="more">+{rows.length - LEGEND_MAX}</li>}
    </ul>
  );
}
