// Scrubber: all of the past that charts may look at, as the number of samples that came, with its events; the part that
// charts show can be dragged, and stepped by keys. Own canvas.

import { useEffect, useRef } from 'preact/hooks';
import type { Update } from '../../client/index.ts';
import { change, edge, isLive, view } from '../address.ts';
import { frames } from '../charts/frame-loop.ts';
import { clockOf, marksOf } from '../events.ts';
import type { Gateway } from '../gateway.ts';
import { watch } from '../source.ts';
import { theme } from '../theme.ts';
import { spanText, stepsOf } from '../view-state.ts';
import { whileVisible } from '../visible.ts';
import { step } from '../zoom.ts';
import { paintScrubber, reachOf } from './scrubber-paint.ts';
import './scrubber.css';

const SPAN_MIN_MS = 10_000;
const EDGE_PIXELS = 8;
/** The busiest metrics stand for all: a question about very many would be refused. */
const METRICS_MAX = 30;

export function Scrubber({ gateway }: { gateway: Gateway }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { spanMs, at } = view.value;
  const reach = reachOf(spanMs, at === 'live' ? 0 : Date.now() - at);
  const counts = useRef(new Map<number, number>());

  useEffect(() => {
    const host = canvas.current as HTMLCanvasElement;
    const { slideMs } = stepsOf(reach);
    const known = new Map<number, number>();
    const query = {
      metric: '**',
      where: [['@metric', '!~', '(system|process)[.].*']] as [string, '!~', string][],
      by: ['@metric'],
      window: slideMs,
      slide: slideMs,
      stats: ['count'] as const,
      order: 'count:desc',
      limit: METRICS_MAX,
    };
    const take = ({ window, table }: Update) => {
      let sum = 0;
      for (const row of table.rows()) sum += table.get(row, 'count') ?? 0;
      known.set(window[1], sum);
      counts.current = known;
      frames.soon(draw);
    };
    const draw = () =>
      paintScrubber(host, {
        counts: counts.current,
        stepMs: slideMs,
        reachMs: reach,
        now: Date.now(),
        edge: edge(),
        spanMs: view.peek().spanMs,
        marks: marksOf(gateway.events.peek().events, Date.now() - reach, Date.now()),
        theme: theme.peek(),
      });
    return whileVisible(host, () => {
      const stops = [
        frames.join(draw),
        watch(
          gateway,
          query,
          { spanMs: reach, at: 'live', rate: `${slideMs}ms` },
          { update: take },
        ),
      ];
      return () => stops.forEach((stop) => void stop());
    });
  }, [gateway, reach]);
  useEffect(() => frames.all(), [spanMs, at, theme.value]);

  const end = isLive() ? 'now' : clockOf(edge(), Date.now());
  return (
    <canvas
      ref={canvas}
      class="scrubber"
      data-testid="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Part of time that is shown"
      aria-valuemin={-Math.round(reach / 1000)}
      aria-valuemax={0}
      aria-valuenow={-Math.round(Math.max(0, Date.now() - edge()) / 1000)}
      aria-valuetext={`${spanText(spanMs)} to ${end}`}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
        if (!by) return;
        event.preventDefault();
        step(by);
      }}
      onPointerDown={(event) => drag(event, reach)}
    />
  );
}

/** Its left edge sets how much is shown, the rest of it when; elsewhere it comes to where the pointer is. */
function drag(down: PointerEvent, reach: number): void {
  if (down.button !== 0) return;
  const canvas = down.currentTarget as HTMLCanvasElement;
  const box = canvas.getBoundingClientRect();
  const now = Date.now();
  const timeAt = (event: PointerEvent) =>
    now - reach * (1 - Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1));
  const perPixel = reach / box.width;
  const right = edge();
  const left = right - view.value.spanMs;
  const began = timeAt(down);
  const onEdge = Math.abs(began - left) <= EDGE_PIXELS * perPixel;
  const inside = began > left && began < right;
  canvas.setPointerCapture(down.pointerId);
  const put = (event: PointerEvent, how: 'push' | 'replace') => {
    const time = timeAt(event);
    if (onEdge) {
      const spanMs = Math.max(SPAN_MIN_MS, Math.round((right - time) / 1000) * 1000);
      change({ spanMs }, how);
      return;
    }
    const end = inside ? right + time - began : time + view.value.spanMs / 2;
    // As near to now as that it cannot be meant otherwise.
    if (end >= now - 4 * perPixel) change({ at: 'live' }, how);
    else change({ at: Math.round(end / 1000) * 1000 }, how);
  };
  let moved = false;
  const move = (event: PointerEvent) => {
    put(event, moved ? 'replace' : 'push');
    moved = true;
  };
  const up = (event: PointerEvent) => {
    canvas.removeEventListener('pointermove', move);
    if (!moved && !inside) put(event, 'push');
  };
  canvas.addEventListener('pointermove', move);
  canvas.addEventListener('pointerup', up, { once: true });
  canvas.addEventListener('pointercancel', up, { once: true });
}
