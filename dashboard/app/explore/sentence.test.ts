import { describe, expect, it } from 'vitest';
import { changeOf, sentenceOf, spanWords } from './sentence.ts';
import type { Asked, Shown } from './shown.ts';

const shown = (lines: Record<string, (number | null)[]>, more: Partial<Asked> = {}): Shown => ({
  asked: {
    metric: 'http.latency',
    kind: 'timer',
    where: [],
    by: ['route'],
    stat: 'p99',
    windowMs: 10_000,
    stepMs: 1000,
    spanMs: 300_000,
    at: 'live',
    limit: 0,
    ...more,
  },
  times: [],
  lines: Object.entries(lines).map(([route, values]) => ({ tags: { route }, values })),
});

describe('the sentence', () => {
  it('names the highest, the lowest and what moved most', () => {
    const lines = { '/a': [10, 10, 10, 10], '/b': [100, 100, 300, 300], '/c': [50, 50, 50, 52] };
    expect(sentenceOf(shown(lines), 'ms')).toBe(
      'P99 of http.latency over the last 5 minutes: 3 values of route, highest /b (300 ms), lowest /a (10 ms); /b is 3 times as much as at first.',
    );
  });

  it('says how a single line stood', () => {
    const text = sentenceOf(
      shown({ '': [4, 2, null, 6] }, { by: [], stat: 'rate', spanMs: 60_000 }),
      '/s',
    );
    expect(text).toBe(
      'The rate of http.latency over the last minute: 6 /s at the end, between 2 /s and 6 /s, steady.',
    );
  });

  it('says that there is nothing', () => {
    expect(sentenceOf(shown({ '/a': [null] }, { where: [['a', '=', 'b']] }), 'ms')).toBe(
      'P99 of http.latency over the last 5 minutes, filtered: no data.',
    );
  });

  it('says which moment is shown', () => {
    const text = sentenceOf(shown({ '/a': [1] }, { at: Date.UTC(2026, 0, 2, 3, 4, 5) }), 'ms');
    expect(text).toMatch(/^P99 of http\.latency in the 5 minutes to \d\d\/\d\d\/2026/);
  });
});

it('a change is the last quarter against the first', () => {
  const of = (values: (number | null)[]) => changeOf({ tags: {}, values });
  expect(of([2, 2, 9, 9, 9, 9, 1, 1])).toBe(0.5);
  expect(of([null, 2, 3, null, 4, 6])).toBe(3);
  expect(of([1, 2, 3])).toBeNull(); // too few to say
  expect(of([0, 0, 1, 1])).toBeNull(); // of nothing there is no multiple
});

it('spans are words', () => {
  expect([60_000, 300_000, 3_600_000, 86_400_000, 90_000, 1000].map(spanWords)).toEqual([
    'minute',
    '5 minutes',
    'hour',
    'day',
    '90 seconds',
    'second',
  ]);
});
