import { describe, expect, it } from 'vitest';
import type { Table, Update } from '../../client/index.ts';
import { POINTS_MAX, Points } from './points.ts';

type Values = Record<string, number | null>;

function table(values: Values): Table {
  const names = Object.keys(values);
  return {
    size: names.length,
    rows: () => names.keys(),
    list: () => null,
    get: (row) => values[names[row] ?? ''] ?? null,
    tags: (row) => ({ host: names[row] ?? '' }),
    find: () => -1,
  };
}
function update(endMs: number, values: Values, more: Partial<Update> = {}): Update {
  const none = new Uint32Array();
  const window = [endMs - 10_000, endMs] as const;
  const fresh = { kind: 'update', final: false, correction: false, coverage: 1 } as const;
  return { ...fresh, window, changed: none, removed: none, table: table(values), ...more };
}
const made = () => new Points('last', (tags) => tags.host ?? '');
const lines = (points: Points) => Object.fromEntries(points.lines);

describe('the points of a card', () => {
  it('are one a window; the newest window changes its own', () => {
    const points = made();
    points.take(update(1000, { a: 1 }));
    points.take(update(1000, { a: 2 }));
    points.take(update(2000, { a: 3 }));
    expect(points.times).toEqual([1, 2]);
    expect(lines(points)).toEqual({ a: [2, 3] });
  });

  it('begin and end with the line: what is not there is no zero', () => {
    const points = made();
    points.take(update(1000, { a: 1 }));
    points.take(update(2000, { a: 1, b: 5 }));
    points.take(update(3000, { b: 6 }));
    expect(lines(points)).toEqual({ a: [1, 1, null], b: [null, 5, 6] });
  });

  it('are corrected in their place, and nowhere else', () => {
    const points = made();
    points.take(update(1000, { a: 1, b: 1 }));
    points.take(update(2000, { a: 2, b: 2 }));
    points.take(update(1000, { a: 9 }, { correction: true, final: true }));
    points.take(update(500, { a: 7 }, { correction: true }));
    expect(lines(points)).toEqual({ a: [9, 2], b: [1, 2] });
    expect(points.times).toEqual([1, 2]);
  });

  it('take what was before the page was there, each moment in its place', () => {
    const points = made();
    const history = { kind: 'history' } as const;
    points.take(update(1000, { a: 1 }, history));
    points.take(update(2000, { a: 2, b: 5 }, history));
    points.take(update(5000, { a: 5 }));
    points.take(update(4000, { a: 4 }, history));
    points.take(update(2000, { a: 3, b: 6 }, history));
    expect(points.times).toEqual([1, 2, 4, 5]);
    expect(lines(points)).toEqual({ a: [1, 3, 4, 5], b: [null, 6, null, null] });
  });

  it('are broken where the link was down', () => {
    const points = made();
    points.take(update(1000, { a: 1 }));
    points.breakLine();
    points.breakLine();
    points.take(update(9000, { a: 2 }));
    expect(lines(points)).toEqual({ a: [1, null, 2] });
  });

  it('are no more than fit, and a line that is all gone is forgotten', () => {
    const points = made();
    points.take(update(1000, { old: 1 }));
    for (let at = 2; at < POINTS_MAX + 50; at++) points.take(update(at * 1000, { a: at }));
    expect(points.times).toHaveLength(POINTS_MAX);
    expect([...points.lines.keys()]).toEqual(['a']);
    expect(points.lines.get('a')).toHaveLength(POINTS_MAX);
  });
});
