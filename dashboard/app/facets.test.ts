import { describe, expect, it } from 'vitest';
import { countsOf, countTags, passingOf, recounted, type Series, without } from './facets.ts';
import type { TagKey } from './gateway.ts';

const key = (name: string, counts: Record<string, number>): TagKey => ({
  key: name,
  values: Object.entries(counts).map(([value, series]) => ({ value, series })),
});
const series: Series[] = [
  { name: 'a', kind: 'timer', tags: { service: 'cart', region: 'eu' } },
  { name: 'a', kind: 'timer', tags: { service: 'pay', region: 'eu' } },
  { name: 'a', kind: 'counter', tags: { service: 'pay' } },
];

describe('facets', () => {
  it("are everybody's without the machine's own", () => {
    const all = [key('host', { a: 5, b: 2 }), key('mode', { user: 8 })];
    expect(without(all, [key('host', { a: 3 }), key('mode', { user: 8 })])).toEqual([
      key('host', { a: 2, b: 2 }),
    ]);
  });

  it('count the series that pass; 0 stays in its place, a chosen key keeps its own', () => {
    const all = [key('service', { cart: 9, pay: 9, auth: 9 }), key('region', { eu: 9, us: 9 })];
    const counted = recounted(all, countTags(series), [{ key: 'region', value: 'eu' }]);
    expect(counted).toEqual([
      key('service', { cart: 1, pay: 2, auth: 0 }),
      key('region', { eu: 9, us: 9 }),
    ]);
  });

  it('a name of two kinds is two metrics', () => {
    const passing = passingOf(series);
    expect([...passing.metrics]).toEqual([
      ['a@timer', 2],
      ['a@counter', 1],
    ]);
    expect(countsOf([], passing)).toEqual({ metrics: 2, series: 3 });
  });

  it("without filters count a person's metrics, not the machine's", () => {
    const metric = (name: string, count: number) =>
      ({ name, kind: 'gauge', series: count, last_seen: 0 }) as const;
    expect(countsOf([metric('queue', 4), metric('system.cpu.time', 9)], null)).toEqual({
      metrics: 1,
      series: 4,
    });
  });
});
