// HeatCard: how a timer's values are distributed: over time, at a moment, and what differs in a box.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { crosshair } from '../charts/crosshair.ts';
import { frames } from '../charts/frame-loop.ts';
import { LINES } from '../charts/heat-columns.ts';
import { boundsText } from '../charts/heat-tip.ts';
import { type Box, Heatmap } from '../charts/heatmap.ts';
import { timeText } from '../charts/ticks.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { theme } from '../theme.ts';
import type { Unit } from '../units.ts';
import { heatQueryOf } from './asked.ts';
import { onBox } from './box.ts';
import { Differs } from './differs.tsx';
import { barsOf, highest } from './histogram.ts';
import { HistogramChart } from './histogram-chart.ts';
import type { Asked } from './shown.ts';

const BARS_MAX = 32;
const SAY_MS = 1000;

interface Props {
  gateway: Gateway;
  asked: Asked;
  unit: Unit;
}

export function HeatCard({ gateway, asked, unit }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const beside = useRef<HTMLDivElement>(null);
  const box = useSignal<Box | null>(null);
  const said = useSignal({ when: '', what: 'no data yet', samples: 0 });
  const fault = useSignal('');

  useEffect(() => {
    const [host, side] = [place.current, beside.current];
    if (!host || !side) return;
    const heat = new Heatmap(host);
    const histogram = new HistogramChart(side);
    const edge = () => (asked.at === 'live' ? Date.now() : asked.at);
    /** Of the moment that is pointed at; of all that is shown where it is none. */
    const columnsOf = (time: number | null) => {
      const end = time === null ? 0 : Math.ceil(time / asked.stepMs) * asked.stepMs;
      const column = heat.columns.endingAt(end);
      return column ? [column] : heat.columns.between(edge() - asked.spanMs, edge());
    };
    const draw = () => {
      heat.draw({
        theme: theme.value,
        unit,
        end: edge(),
        spanMs: asked.spanMs,
        stepMs: asked.stepMs,
        events: gateway.events.value.events,
        crosshair: crosshair.value,
      });
      const columns = columnsOf(crosshair.value);
      const bars = barsOf(
        columns.flatMap(({ cells }) => [...cells.values()]),
        BARS_MAX,
      );
      histogram.draw(bars, unit, theme.value);
    };
    const say = () => {
      const time = crosshair.peek();
      const columns = columnsOf(time);
      const bars = barsOf(
        columns.flatMap(({ cells }) => [...cells.values()]),
        BARS_MAX,
      );
      const samples = bars.reduce((sum, { count }) => sum + count, 0);
      const most = highest(bars);
      said.value = {
        when:
          time !== null && columns.length === 1
            ? `at ${timeText(columns[0]?.end ?? 0)}`
            : 'all that is shown',
        what: most ? `most between ${boundsText(most, unit)}` : 'no samples',
        samples,
      };
    };
    heat.onPoint = (time) => {
      crosshair.value = time;
    };
    const offBox = onBox(heat, (chosen) => {
      box.value = chosen;
    });
    const leave = frames.join(draw);
    const stop = watch(
      gateway,
      heatQueryOf(asked),
      { ...asked, rate: 1000 },
      {
        update: (update) => {
          heat.columns.take(update);
          frames.soon(draw);
        },
        failed: ({ message }) => {
          fault.value = message;
        },
      },
    );
    const stopSaying = crosshair.subscribe(say);
    const timer = setInterval(say, SAY_MS);
    return () => {
      clearInterval(timer);
      stopSaying();
      stop();
      leave();
      offBox();
      heat.destroy();
      side.replaceChildren();
    };
  }, [asked, unit]);

  const { when, what, samples } = said.value;
  const text = `${Math.round(samples).toLocaleString('en')} samples, ${what}`;
  return (
    <>
      <div class="heat-pair">
        <section class="card" data-testid="heat">
          <header>
            <h2>Distribution over time</h2>
            <span class="stat">drag a box to see what differs in it</span>
            <span class="asides">
              {[...LINES].reverse().map((line) => (
                <span key={line} class={`line-key line-key-${line}`}>
                  <i aria-hidden="true" /> {line}
                </span>
              ))}
            </span>
          </header>
          <div
            ref={place}
            class="heat-place"
            role="img"
            aria-label={`Distribution of ${asked.metric} over time: ${text}`}
          />
          {fault.value && <p class="fault">{fault.value}</p>}
        </section>
        <section class="card" data-testid="distribution">
          <header>
            <h2>Distribution</h2>
            <span class="stat">{when}</span>
          </header>
          <div
            ref={beside}
            class="histogram"
            role="img"
            aria-label={`Distribution, ${when}: ${text}`}
          />
          <p class="note small-note">{text}</p>
        </section>
      </div>
      <Differs asked={asked} unit={unit} box={box} />
    </>
  );
}
