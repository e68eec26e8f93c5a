// Zoom: looking at another part of time: pausing, stepping, a part that was dragged over, and back.

import { change, edge, isLive, PLAIN, view } from './address.ts';

/** What was shown before a part was looked at alone. */
let whole: number | null = null;
/** Shorter ones hold no more than a point or two. */
const SPAN_MIN_MS = 5_000;
const second = (ms: number) => Math.round(ms / 1000) * 1000;

/** This part of time on every chart; the address says whole seconds. */
export function lookAt(from: number, to: number): void {
  whole ??= view.value.spanMs;
  const spanMs = Math.max(SPAN_MIN_MS, second(to - from));
  change({ spanMs, at: Math.min(second(to), second(Date.now())) });
}

/** All of it again, live. */
export function reset(): void {
  change({ spanMs: whole ?? PLAIN.spanMs, at: 'live' });
  whole = null;
}

export function pause(): void {
  change({ at: second(edge()) });
}
export function live(): void {
  change({ at: 'live' });
}
export const togglePause = () => (isLive() ? pause() : live());

/** A quarter of what is shown, back or forth; past now it is live again. */
export function step(direction: -1 | 1): void {
  const at = edge() + direction * Math.max(1000, second(view.value.spanMs / 4));
  if (direction > 0 && (isLive() || at >= Date.now())) return isLive() ? undefined : live();
  change({ at: second(at) }, isLive() ? 'push' : 'replace');
}

/** One of the choices; a part that was looked at is left. */
export function setSpan(spanMs: number): void {
  whole = null;
  change({ spanMs });
}
