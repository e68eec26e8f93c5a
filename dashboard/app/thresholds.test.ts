import { describe, expect, it } from 'vitest';
import { passedBy, thresholdOf } from './thresholds.ts';

const high = { metric: 'a', stat: 'p99', above: true, warn: 100, crit: 300 };
const rows = (...values: (number | null)[]) =>
  values.map((value, at) => ({ name: 'abc'[at] ?? '', value }));

describe('a threshold', () => {
  it('is that of the metric and the statistic', () => {
    expect(thresholdOf([high], 'a', 'p99')).toBe(high);
    expect(thresholdOf([high], 'a', 'p50')).toBeUndefined();
    expect(thresholdOf([high], 'b', 'p99')).toBeUndefined();
  });
  it('is passed above it, not at it; the gravest counts', () => {
    expect(passedBy(rows(100, null), high)).toBeNull();
    expect(passedBy(rows(101, 100), high)).toMatchObject({ level: 'warn', names: ['a'] });
    expect(passedBy(rows(101, 301), high)).toMatchObject({ level: 'crit', names: ['b'] });
  });
  it('may lie below, and may be one only', () => {
    const low = { ...high, above: false, warn: null, crit: 10 };
    expect(passedBy(rows(9, 11), low)).toMatchObject({ level: 'crit', above: false, names: ['a'] });
    expect(passedBy(rows(50), low)).toBeNull();
  });
});
