// Tiles: the few numbers that say how things are, with their lines and what changed.

import { useEffect, useRef } from 'preact/hooks';
import { edge, follow, isLive, view } from '../address.ts';
import { frames } from '../charts/frame-loop.ts';
import { Trace } from '../charts/trace.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { overOf, passedBy, thresholdOf } from '../thresholds.ts';
import { show } from '../units.ts';
import { spanText, stepsOf, whereOf } from '../view-state.ts';
import { whileVisible } from '../visible.ts';
import { type Change, changeOf, NO_CHANGE } from './change.ts';
import { Intake } from './intake.ts';
import type { Picks } from './picks.ts';
import { TileFace } from './tile-face.ts';
import { queryOf, shareOf, type TileSpec, tileSpecs } from './tile-specs.ts';
import './tiles.css';

/** What is older is not what is now, besides two windows. */
const LATE_MS = 5000;
const STATUS_MS = 1000;

export function Tiles({ gateway, picks }: { gateway: Gateway; picks: Picks }) {
  const picked = {
    timer: picks.timer.value,
    requests: picks.requests.value,
    errors: picks.errors.value,
    queue: picks.queue.value,
  };
  const specs = tileSpecs(picked, view.value.stat, gateway.metrics.value);
  return (
    <section class="tiles" aria-label="Now">
      {specs.map((spec) => (
        <MetricTile key={JSON.stringify(spec)} gateway={gateway} spec={spec} />
      ))}
      <IntakeTiles gateway={gateway} />
    </section>
  );
}

interface FrameProps {
  name: string;
  title: string;
  metric?: string;
  root: { current: HTMLElement | null };
}

/** What stays of a tile; TileFace writes what changes. */
function Frame({ name, title, metric, root }: FrameProps) {
  return (
    <article class="figure" data-testid="tile" data-tile={name} data-metric={metric} ref={root}>
      <header>
        {metric === undefined ? (
          <h2>{title}</h2>
        ) : (
          <h2 title={metric}>
            <a href={`/explore?m=${encodeURIComponent(metric)}`} onClick={follow}>
              {title}
            </a>
          </h2>
        )}
        <span class="change">
          <i class="change-shape" aria-hidden="true" />
          <span class="change-text" />
          <span class="said" />
        </span>
      </header>
      <p class="figure-value value">
        <b class="figure-number">–</b> <span class="figure-unit" />
        <span class="figure-over" data-testid="tile-over">
          <i aria-hidden="true" /> <span />
        </span>
      </p>
      <canvas class="plot" />
    </article>
  );
}

/** A part and, of a share, its whole; `trace` is what is shown. */
function watchSpec(gateway: Gateway, spec: TileSpec, trace: Trace, changed: () => void) {
  const { filters, spanMs, at } = view.value;
  const steps = stepsOf(spanMs);
  const ofPart = new Trace();
  const ofWhole = new Trace();
  const ask = (part: TileSpec['part'], into: Trace) =>
    watch(
      gateway,
      queryOf(part, whereOf(filters), steps),
      // The span before it is the baseline. A rate is right for whole windows only.
      { spanMs: 2 * spanMs, at, rate: part.stat === 'rate' ? '1s' : '250ms' },
      {
        update: ({ window: [, end], table }) => {
          const [row] = table.rows();
          into.put(end, row === undefined ? null : table.get(row, part.stat));
          if (into !== trace) join(end);
          changed();
        },
      },
    );
  const exactly = (some: Trace, end: number) => some.between(end - 1, end)[0];
  const join = (end: number) => {
    const [part, whole] = [exactly(ofPart, end), exactly(ofWhole, end)];
    if (part && whole) trace.put(end, shareOf(part.value, whole.value));
  };
  const stops = spec.of ? [ask(spec.part, ofPart), ask(spec.of, ofWhole)] : [ask(spec.part, trace)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** By the threshold of just what the tile shows; a share has none. */
function overOfTile(gateway: Gateway, { part, of, title, unit }: TileSpec, value: number | null) {
  if (of) return undefined;
  const threshold = thresholdOf(gateway.thresholds.peek(), part.metric, part.stat);
  const passed = passedBy([{ name: title, value }], threshold);
  return passed ? { level: passed.level, ...overOf(passed, unit) } : undefined;
}

function MetricTile({ gateway, spec }: { gateway: Gateway; spec: TileSpec }) {
  const root = useRef<HTMLElement>(null);
  const { filters, spanMs, at } = view.value;
  useEffect(() => {
    if (!root.current) return;
    const face = new TileFace(root.current);
    const trace = new Trace();
    const { slideMs } = stepsOf(spanMs);
    const draw = () => {
      const end = edge();
      const value = trace.at(end, LATE_MS + 2 * slideMs);
      const change = changeOf(value, trace.median(end - 2 * spanMs, end - spanMs), spec.worse);
      const { number, unit } = show(value, spec.unit);
      const over = overOfTile(gateway, spec, value);
      face.draw({ number, unit, raw: value, change, over, trace, end, spanMs, stepMs: slideMs });
    };
    return whileVisible(root.current, () => {
      const stop = watchSpec(gateway, spec, trace, () => frames.soon(draw));
      const leave = frames.join(draw);
      return () => {
        leave();
        stop();
      };
    });
  }, [gateway, JSON.stringify(filters), spanMs, at]);
  return <Frame name={spec.key} title={spec.title} metric={spec.part.metric} root={root} />;
}

/** Nothing is said of less than a second: one status knows no span. */
function lostChange(lost: number, ms: number): Change {
  const seconds = Math.round(ms / 1000);
  if (seconds === 0) return NO_CHANGE;
  const span = spanText(seconds * 1000).replace(/\D+$/, ' $&');
  const text = `${lost.toLocaleString('en')} in ${span}`;
  return { level: lost > 0 ? 'crit' : 'same', shape: lost > 0 ? '▲' : '✓', text, said: 'lost' };
}

/** What the gateway took in and what it lost: of the whole, whatever is filtered; it stands still while the view does. */
function IntakeTiles({ gateway }: { gateway: Gateway }) {
  const ingest = useRef<HTMLElement>(null);
  const dropped = useRef<HTMLElement>(null);
  const { spanMs } = view.value;
  useEffect(() => {
    if (!ingest.current || !dropped.current) return;
    const faces = [new TileFace(ingest.current), new TileFace(dropped.current)] as const;
    const intake = new Intake();
    const draw = () => {
      if (!isLive() || !intake.samples.newest) return;
      const { end } = intake.samples.newest;
      const common = { end, spanMs, stepMs: STATUS_MS };
      const rate = intake.samples.at(end);
      const before = intake.samples.median(end - 2 * spanMs, end - spanMs);
      const { number } = show(rate, '');
      const change = rate === null ? NO_CHANGE : changeOf(rate, before, 'neither');
      const trace = intake.samples;
      faces[0].draw({ ...common, number, unit: 'samples/s', raw: rate, change, trace });
      const { lost, ms } = intake.lostWithin(spanMs);
      faces[1].draw({
        ...common,
        number: show(intake.lost, '').number,
        unit: `of ${show(intake.produced, '').number}`,
        raw: intake.lost,
        change: lostChange(lost, ms),
        trace: intake.losses,
      });
    };
    const off = gateway.status.subscribe((status) => {
      if (status && isLive()) intake.take(status);
      frames.soon(draw);
    });
    const unwatch = gateway.watchStatus();
    const leave = frames.join(draw);
    return () => {
      leave();
      unwatch();
      off();
    };
  }, [gateway, spanMs]);
  return (
    <>
      <Frame name="ingest" title="Ingest" root={ingest} />
      <Frame name="dropped" title="Dropped" root={dropped} />
    </>
  );
}
