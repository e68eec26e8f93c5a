import { describe, expect, it } from 'vitest';
import { ranked } from './stable-order.ts';

const rows = (values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const names = (values: Record<string, number>, before: string[] = []) =>
  ranked(rows(values), before).map(({ name }) => name);

describe('a ranking', () => {
  it('begins by value, then by name', () => {
    expect(names({ a: 1, c: 5, b: 5 })).toEqual(['b', 'c', 'a']);
  });

  it('stays while the difference is small', () => {
    expect(names({ a: 100, b: 110 }, ['a', 'b'])).toEqual(['a', 'b']);
    expect(names({ a: 100, b: 120 }, ['a', 'b'])).toEqual(['b', 'a']);
  });

  it('lets in what is new where it belongs, and out what is gone', () => {
    expect(names({ a: 100, c: 101, b: 50 }, ['a', 'b', 'gone'])).toEqual(['c', 'a', 'b']);
  });

  it('carries one past several at once', () => {
    expect(names({ a: 3, b: 2, c: 1, d: 9 }, ['a', 'b', 'c', 'd'])).toEqual(['d', 'a', 'b', 'c']);
  });
});
