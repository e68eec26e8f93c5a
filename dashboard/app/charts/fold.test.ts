import { describe, expect, it } from 'vitest';
import { Fold, type Line } from './fold.ts';

/** Lines a, b, c ... with these newest values. */
const lines = (values: number[]) =>
  new Map<string, Line>(values.map((value, at) => [String.fromCharCode(97 + at), [1, value]]));

describe('lines that fit', () => {
  it('are drawn as they are', () => {
    const folded = new Fold('p99').of(lines([1, 2, 3, 4, 5, 6, 7, 8]));
    expect(folded.lines.size).toBe(8);
    expect(folded.others).toBe(0);
  });
});

describe('of more than eight', () => {
  const ten = lines([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  it.each([
    ['rate', 'sum', [3, 1 + 2 + 3]],
    ['max', 'max', [1, 3]],
    ['min', 'min', [1, 1]],
  ] as const)('the seven greatest are drawn, of %s the %s of the others', (stat, how, other) => {
    const folded = new Fold(stat).of(ten);
    expect([...folded.lines.keys()].sort()).toEqual(['d', 'e', 'f', 'g', 'h', 'i', 'j', 'other']);
    expect(folded).toMatchObject({ others: 3, how });
    expect(folded.lines.get('other')).toEqual(other);
  });

  it('others are counted where a quantile cannot be told from its parts', () => {
    const folded = new Fold('p99').of(ten);
    expect(folded).toMatchObject({ others: 3, how: '' });
    expect(folded.lines.has('other')).toBe(false);
  });

  it('what is no number anywhere is none of the others either', () => {
    const many = lines([9, 9, 9, 9, 9, 9, 9]);
    for (const name of ['x', 'y', 'z']) many.set(name, [null, null]);
    expect(new Fold('rate').of(many).lines.get('other')).toEqual([null, null]);
  });

  it('who is drawn stays until another is clearly greater', () => {
    const fold = new Fold('p99');
    fold.of(lines([10, 10, 10, 10, 10, 10, 10, 9, 9]));
    expect(fold.of(lines([10, 10, 10, 10, 10, 10, 10, 10.5, 9])).lines.has('h')).toBe(false);
    const later = fold.of(lines([10, 10, 10, 10, 10, 10, 9, 12, 9])).lines;
    expect(later.has('h')).toBe(true);
    expect(later.has('g')).toBe(false);
    expect(later.size).toBe(7);
  });

  it('a value named other keeps its name', () => {
    const some = lines([1, 2, 3, 4, 5, 6, 7, 8]);
    some.set('other', [1, 99]);
    expect(new Fold('rate').of(some).lines.get('other')).toEqual([1, 99]);
  });
});
