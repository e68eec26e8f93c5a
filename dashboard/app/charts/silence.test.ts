import { describe, expect, it } from 'vitest';
import type { Table, Update } from '../../client/index.ts';
import { Silence } from './silence.ts';

function counts(values: Record<string, number>): Table {
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
/** The window of one second that ends at `end`. */
function second(end: number, values: Record<string, number>): Update {
  const none = new Uint32Array();
  const window = [(end - 1) * 1000, end * 1000] as const;
  const fresh = { kind: 'update', final: true, correction: false, coverage: 1 } as const;
  return { ...fresh, window, changed: none, removed: none, table: counts(values) };
}
/** Told the windows that end at these seconds; `sent` says what came in each. */
function told(seconds: number[], sent: (end: number) => Record<string, number>): Silence {
  const silence = new Silence((tags) => tags.host ?? '');
  for (const end of seconds) silence.take(second(end, sent(end)));
  return silence;
}
const upTo = (last: number, step = 1) =>
  Array.from({ length: Math.floor(last / step) }, (_, at) => (at + 1) * step);
const names = (silence: Silence) => [...silence.silent.keys()];

describe('silence', () => {
  it('is told three windows after the last sample of what came in each', () => {
    const sent = (end: number) => ({ a: end <= 10 ? 1 : 0, b: 1 });
    expect(names(told(upTo(12), sent))).toEqual([]);
    expect([...told(upTo(13), sent).silent]).toEqual([['a', 10]]);
  });

  it('ends with the next sample', () => {
    const sent = (end: number) => (end <= 10 || end === 20 ? { a: 1 } : {});
    expect(names(told(upTo(19), sent))).toEqual(['a']);
    expect(names(told(upTo(20), sent))).toEqual([]);
  });

  it('is not told of what always pauses as long, nor of what came once', () => {
    const sent = (end: number) => ({ slow: end % 5 === 0 ? 1 : 0, once: end === 1 ? 1 : 0 });
    expect(names(told(upTo(39), sent))).toEqual([]);
    expect(names(told(upTo(50), (end) => (end <= 35 ? sent(end) : {})))).toEqual(['slow']);
  });

  it('of a row on a page that misses windows is told as soon', () => {
    // Every other window was lost on the way; the row came in each that was seen.
    const sent = (end: number) => (end <= 40 ? { a: 1 } : {});
    expect(names(told(upTo(42, 2), sent))).toEqual([]);
    expect(names(told(upTo(44, 2), sent))).toEqual(['a']);
  });

  it('is no matter of one quiet window among many that nobody saw', () => {
    const sent = (end: number) => (end === 70 ? {} : { a: 1 });
    expect(names(told(upTo(70, 10), sent))).toEqual([]);
  });
});
