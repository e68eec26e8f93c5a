import { describe, expect, it } from 'vitest';
import type { List } from '../../client/index.ts';
import { type Bands, boundsOf, fit, placeOf, rowsOf, tally, totalOf, valueAt } from './bands.ts';

/** A generator of our own, so that a run that failed can be had again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The cell of these values, as the gateway makes it. */
function cellOf(values: readonly number[], scale: number): List {
  const run = (some: number[], zeros: number): number[] => {
    const buckets = some.map((value) => Math.ceil(Math.log2(Math.abs(value)) * 2 ** scale) - 1);
    const first = Math.min(...buckets);
    if (buckets.length === 0) return [scale, zeros, 0];
    const counts = Array.from({ length: Math.max(...buckets) - first + 1 }, () => 0);
    for (const bucket of buckets) counts[bucket - first] = (counts[bucket - first] ?? 0) + 1;
    return [scale, zeros, first, ...counts];
  };
  const zeros = values.filter((value) => value === 0).length;
  const positive = run(
    values.filter((value) => value > 0),
    zeros,
  );
  const negative = values.filter((value) => value < 0);
  return negative.length > 0 ? [positive, run(negative, 0)] : positive;
}

function counted(bands: Bands, cells: readonly List[]): number[] {
  const counts = new Float64Array(rowsOf(bands));
  for (const cell of cells) tally(bands, cell, counts, 0);
  return [...counts];
}
const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
/** Not at the edge of a bucket, where rounding of our own logarithm would decide. */
const inside = (bands: Bands, value: number) => {
  const row = Math.floor(placeOf(bands, value));
  const { low, high } = boundsOf(bands, row);
  return value === 0 ? low === 0 && high === 0 : low <= value && value <= high;
};

describe('the bands of a heatmap', () => {
  it('lose and split no count, whatever the scales, signs and groups', () => {
    for (let seed = 1; seed <= 120; seed++) {
      const next = random(seed);
      const spread = next() * 12;
      const values = (size: number) =>
        Array.from({ length: size }, () => {
          const kind = next();
          if (seed % 3 === 0 && kind < 0.1) return 0;
          return (seed % 4 === 0 && kind > 0.7 ? -1 : 1) * 2 ** ((next() - 0.5) * spread * 2);
        });
      const groups = Array.from({ length: 1 + Math.floor(next() * 5) }, () =>
        values(1 + Math.floor(next() * 40)),
      );
      const cells = groups.map((group) => cellOf(group, Math.floor(next() * 9) - 2));
      const rows = 8 + Math.floor(next() * 60);
      const bands = fit(cells, rows, null) as Bands;
      expect(rowsOf(bands), `seed ${seed}`).toBeLessThanOrEqual(rows);
      const found = counted(bands, cells);
      expect(sum(found), `seed ${seed}`).toBe(sum(cells.map(totalOf)));
      // Each value is counted in the row whose bounds hold it.
      const wanted = new Float64Array(rowsOf(bands));
      for (const value of groups.flat()) {
        if (!inside(bands, value)) expect.fail(`seed ${seed}: ${value} is outside of its row`);
        const row = Math.floor(placeOf(bands, value));
        wanted[row] = (wanted[row] ?? 0) + 1;
      }
      expect(found, `seed ${seed}`).toEqual([...wanted]);
    }
  });

  it('say the same of parts and of their sum, though they are of two scales', () => {
    const values = [1.5, 3, 3.1, 47, 48.2, 900];
    const whole = cellOf(values, 2);
    const parts = [cellOf(values.slice(0, 3), 6), cellOf(values.slice(3), 2)];
    const bands = fit([whole, ...parts], 40, null) as Bands;
    expect(counted(bands, parts)).toEqual(counted(bands, [whole]));
  });

  it('stand in the order of their values, edge to edge', () => {
    const bands = fit([cellOf([-40, -3, 0, 0.5, 7, 80], 4)], 60, null) as Bands;
    for (let row = 1; row < rowsOf(bands); row++) {
      const [below, here] = [boundsOf(bands, row - 1), boundsOf(bands, row)];
      expect(here.high).toBeGreaterThanOrEqual(below.high);
      if (below.high !== 0 && here.low !== 0) expect(here.low).toBeCloseTo(below.high, 10);
    }
  });

  it('show a single value with room around it', () => {
    const bands = fit([cellOf([100], 6)], 56, null) as Bands;
    expect(rowsOf(bands)).toBeGreaterThanOrEqual(16);
    expect(boundsOf(bands, 0).low).toBeLessThan(60);
    expect(boundsOf(bands, rowsOf(bands) - 1).high).toBeGreaterThan(160);
    expect(counted(bands, [cellOf([100], 6)]).filter((count) => count > 0)).toEqual([1]);
  });

  it('are none when nothing came', () => {
    expect(fit([], 40, null)).toBeNull();
    expect(fit([[6, 0, 0]], 40, null)).toBeNull();
  });

  it('may be nothing but zero, or nothing but negative', () => {
    const zero = fit([[6, 5, 0]], 40, null) as Bands;
    expect([rowsOf(zero), boundsOf(zero, 0)]).toEqual([1, { low: 0, high: 0 }]);
    expect(counted(zero, [[6, 5, 0]])).toEqual([5]);
    const cell = cellOf([-8, -9], 3);
    const below = fit([cell], 40, null) as Bands;
    expect(boundsOf(below, rowsOf(below) - 1).high).toBeLessThan(0);
    expect(sum(counted(below, [cell]))).toBe(2);
  });

  it('stay while they suit, and not longer', () => {
    const wide = fit([cellOf([10, 1000], 4)], 56, null) as Bands;
    expect(fit([cellOf([12, 900], 4)], 56, wide)).toBe(wide);
    expect(fit([cellOf([10, 2000], 4)], 56, wide)).not.toBe(wide);
    expect(fit([cellOf([100, 101], 4)], 56, wide)).not.toBe(wide);
  });

  it('a place is a value and back', () => {
    const bands = fit([cellOf([-40, 0, 3, 80], 4)], 60, null) as Bands;
    for (const value of [-39, -4, 0, 3.3, 79])
      expect(valueAt(bands, placeOf(bands, value))).toBeCloseTo(value, 9);
  });
});
