// What a chart keeps of what it is told: points by group, gaps, corrections, and the words of its name.
import { describe, expect, it } from 'vitest';
import type { Table, Update } from 'weir-client';
import { Lines, short } from './lines.ts';
import { clockOf, momentsOf, stepOf } from './paint.ts';

const tableOf = (values: Record<string, number | null>): Table => {
  const names = Object.keys(values);
  return {
    size: names.length,
    rows: () => names.keys(),
    get: (row) => values[names[row] as string] ?? null,
    list: () => null,
    tags: (row) => ({ route: names[row] as string }),
    find: () => -1,
  };
};
const told = (end: number, values: Record<string, number | null>, more: Partial<Update> = {}) => {
  const table = tableOf(values);
  const changed = Uint32Array.from(table.rows());
  const base = { kind: 'update', final: false, correction: false, coverage: 1 } as const;
  return {
    ...base,
    window: [end - 10, end],
    changed,
    removed: new Uint32Array(0),
    table,
    ...more,
  } as Update;
};
const pointsOf = (lines: Lines, now = 1_000) =>
  Object.fromEntries(lines.view(now, 8).lines.map(({ name, points }) => [name, points]));

describe('lines', () => {
  it('are one for each group, with a point for each window', () => {
    const lines = new Lines(1_000, 'p99');
    lines.take(told(100, { '/a': 1, '/b': 2 }));
    lines.take(told(110, { '/a': 3, '/b': null }));
    expect(pointsOf(lines)).toEqual({
      '/a': [
        [100, 1],
        [110, 3],
      ],
      '/b': [
        [100, 2],
        [110, null],
      ],
    }); // prettier-ignore
    expect(lines.view(1_000, 8).step).toBe(10);
  });

  it('carry on what did not change in the newest window', () => {
    const lines = new Lines(1_000, 'p99');
    lines.take(told(100, { '/a': 1 }));
    lines.take(told(110, { '/a': 1 }, { changed: new Uint32Array(0) }));
    expect(pointsOf(lines)).toEqual({
      '/a': [
        [100, 1],
        [110, 1],
      ],
    }); // prettier-ignore
  });

  it('take the past in any order, and a correction in its place', () => {
    const lines = new Lines(1_000, 'p99');
    lines.take(told(120, { '/a': 3 }));
    lines.take(told(100, { '/a': 1 }, { kind: 'history' }));
    lines.take(told(110, { '/a': 2 }, { kind: 'history' }));
    lines.take(told(100, { '/a': 9 }, { correction: true, final: true }));
    expect(pointsOf(lines)).toEqual({
      '/a': [
        [100, 9],
        [110, 2],
        [120, 3],
      ],
    }); // prettier-ignore
  });

  it('forget what is older than the span, and groups without points', () => {
    const lines = new Lines(100, 'p99');
    lines.take(told(100, { '/a': 1, '/gone': 1 }));
    lines.take(told(190, { '/a': 2 }));
    lines.take(told(500, { '/a': 3 }));
    expect(pointsOf(lines, 500)).toEqual({ '/a': [[500, 3]] });
  });

  it('are bounded, in groups and in points', () => {
    const lines = new Lines(1e9, 'p99');
    lines.take(told(1, Object.fromEntries([...Array(100).keys()].map((at) => [`/${at}`, at]))));
    expect(lines.size).toBe(64);
    const long = new Lines(1e9, 'p99');
    for (let end = 1; end <= 5_000; end++) long.take(told(end, { '/a': end }));
    expect(pointsOf(long)['/a']).toHaveLength(4_000);
  });

  it('show the highest of many, in the order of their names', () => {
    const lines = new Lines(1_000, 'p99');
    lines.take(told(100, { '/c': 30, '/a': 10, '/b': 20 }));
    expect(lines.view(1_000, 2).lines.map(({ name }) => name)).toEqual(['/b', '/c']);
  });

  it.each([
    [{ '/a': 95, '/b': 100 }, 95, 100],
    [{ '/a': 1, '/b': 100 }, 0, 100],
    [{ '/a': 5 }, 0, 5],
    [{ '/a': 0 }, 0, 1],
    [{ '/a': -5 }, -5, 0],
    [{ '/a': null }, 0, 1],
  ])('of %o have an axis from %d to %d', (values, low, high) => {
    const lines = new Lines(1_000, 'p99');
    lines.take(told(100, values));
    expect(lines.view(1_000, 8)).toMatchObject({
      low: high === 1 && low === 0 ? 0 : low,
      high: high || 1,
    });
  });

  it('are told in words, highest first', () => {
    const lines = new Lines(60_000, 'p99');
    lines.take(told(100, { '/a': 12.345, '/b': 4_560, '/c': null }));
    expect(lines.words(100)).toBe('/b 4.56k, /a 12.3, /c no value, over 60 seconds');
  });
});

it.each([
  [0, '0'],
  [0.012345, '0.0123'],
  [999, '999'],
  [-4_560, '-4.56k'],
  [7_890_000, '7.89M'],
  [1e11, '100G'],
  [1e15, '1000000000000000'],
])('%d is shown as %s', (value, text) => expect(short(value)).toBe(text));

describe('an axis', () => {
  it.each([
    [100, 5, 20],
    [100, 4, 50],
    [0.3, 3, 0.1],
    [7_000, 10, 1_000],
    [1, 0, 1],
  ])('of %d with at most %d steps has steps of %d', (range, most, step) =>
    expect(stepOf(range, most)).toBeCloseTo(step, 9),
  );

  it('has labels at round moments, no more than fit', () => {
    const end = Date.UTC(2026, 0, 2, 3, 4, 5);
    for (const [span, most, step] of [
      [60_000, 6, 10_000],
      [300_000, 5, 60_000],
      [86_400_000, 8, 10_800_000],
    ] as const) {
      const moments = momentsOf(end - span, end, most);
      expect(moments.length).toBeLessThanOrEqual(most + 1);
      for (const [at, moment] of moments.entries()) {
        expect((moment - new Date(end).getTimezoneOffset() * 60_000) % step).toBe(0);
        if (at > 0) expect((moments[at - 1] as number) - moment).toBe(step);
      }
    }
  });

  it('has a clock of 24 hours', () => {
    expect(clockOf(new Date(2026, 0, 2, 17, 5, 0).getTime())).toBe('17:05');
    expect(clockOf(new Date(2026, 0, 2, 0, 5, 30).getTime())).toBe('00:05:30');
  });
});
