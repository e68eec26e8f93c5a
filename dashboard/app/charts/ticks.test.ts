import { describe, expect, it } from 'vitest';
import { timeTicks, valueText, valueTicks } from './ticks.ts';

describe('the ticks of an axis', () => {
  it('are round moments, not more than fit, the newest at or before the end', () => {
    const end = Date.UTC(2026, 4, 6, 12, 20, 7);
    for (const span of [10e3, 60e3, 300e3, 900e3, 3600e3, 86_400e3, 30 * 86_400e3]) {
      const ticks = timeTicks(end - span, end, 6);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks.every((tick) => tick > end - span && tick <= end)).toBe(true);
      expect(new Set(ticks.map((tick) => new Date(tick).getMilliseconds()))).toEqual(new Set([0]));
    }
    expect(timeTicks(end - 60_000, end, 6).map((tick) => (tick / 1000) % 60)).toEqual([
      10, 20, 30, 40, 50, 0,
    ]);
  });

  it('are round values of each decade, fewer where there is less room', () => {
    expect(valueTicks(3, 700, 10)).toEqual([5, 10, 20, 50, 100, 200, 500]);
    expect(valueTicks(3, 700, 4)).toEqual([5, 20, 100, 500]);
    expect(valueTicks(3, 700, 2)).toEqual([10, 100]);
    expect(valueTicks(0.0008, 0.3, 3)).toEqual([0.001, 0.01, 0.1]);
    expect(valueTicks(12, 13, 4)).toEqual([]);
    expect(valueTicks(5e-324, 1e308, 8).length).toBeLessThanOrEqual(8);
  });

  it('say seconds of a thousand milliseconds', () => {
    expect([200, 1000, 5000].map((ms) => valueText(ms, 'ms'))).toEqual(['200 ms', '1 s', '5 s']);
  });
});
