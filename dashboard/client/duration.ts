// Durations as people write them.

import type { Duration } from './types.ts';

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds: an integer is ms, or an integer with ms, s, m, min, h, d. Throws a RangeError on anything else. */
export function toMs(duration: Duration): number {
  if (typeof duration === 'number') {
    if (Number.isSafeInteger(duration) && duration >= 0) return duration;
  } else {
    const parts = /^(\d{1,12})(ms|s|min|m|h|d)$/.exec(duration);
    if (parts) return Number(parts[1]) * (UNIT_MS[parts[2] as string] as number);
  }
  throw new RangeError(`not a duration: ${duration}, but 250, "10s", "5m" are`);
}
