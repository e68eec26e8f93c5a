import { describe, expect, it } from 'vitest';
import { Trace } from './trace.ts';

function made(...values: (number | null)[]): Trace {
  const trace = new Trace();
  values.forEach((value, at) => trace.put((at + 1) * 1000, value));
  return trace;
}

describe('the past of one line', () => {
  it('stands by time, whenever it came; the last word of a window is the one', () => {
    const trace = new Trace();
    for (const [end, value] of [
      [3000, 3],
      [1000, 1],
      [2000, 9],
      [2000, 2],
    ] as const)
      trace.put(end, value);
    expect(trace.between(0, 3000).map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('knows what was, but not what is too old to be now', () => {
    const trace = made(1, 2, null, 4);
    expect([trace.at(2500), trace.at(3000), trace.at(9000), trace.at(9000, 2000)]).toEqual([
      2,
      null,
      4,
      null,
    ]);
  });

  it('has a middle, of enough windows', () => {
    expect(made(5, 1, 100, 2).median(0, 4000)).toBe(3.5);
    expect(made(5, 1, 100).median(0, 3000)).toBe(5);
    expect(made(5, null, null).median(0, 3000)).toBeNull();
    expect(made(5, 1, 100, 2).median(2000, 4000)).toBeNull();
  });

  it('is another picture when a window is new or an older one changed, not for the newest alone', () => {
    const trace = made(1, 2, 3);
    const before = trace.revision;
    trace.put(3000, 4);
    expect([trace.revision, trace.at(3000)]).toEqual([before, 4]);
    trace.put(2000, 9);
    expect(trace.revision).toBe(before + 1);
    trace.put(4000, 9);
    expect(trace.revision).toBe(before + 2);
  });

  it('forgets the oldest', () => {
    const trace = made(...Array.from({ length: 2000 }, (_, at) => at));
    expect(trace.between(0, 1e9).length).toBeLessThan(1000);
    expect(trace.at(2e6)).toBe(1999);
  });
});
