import { describe, expect, it } from 'vitest';
import { chipsOf, type UnusualItem } from './unusual.ts';

const item = (more: Partial<UnusualItem>): UnusualItem => ({
  metric: 'http.latency',
  kind: 'timer',
  tags: { service: 'checkout' },
  stat: 'p99',
  value: 510,
  baseline: 182,
  ratio: 2.8,
  z: 30,
  since: 904_000,
  state: 'high',
  ...more,
});
const chips = (...items: Partial<UnusualItem>[]) =>
  chipsOf({ items: items.map(item), at: 1_000_000 });

describe('what is unusual now', () => {
  it('says whose it is, how much and for how long, and leads there', () => {
    expect(chips({})).toEqual([
      {
        key: '["http.latency","timer",{"service":"checkout"}]',
        level: 'crit',
        shape: '▲',
        who: 'checkout',
        what: 'http.latency p99',
        much: '2.8×',
        since: '96 s',
        href: '/explore?m=http.latency&f=service:checkout',
      },
    ]);
  });

  it('has a word where there is no number, and another shape', () => {
    const shown = chips(
      { state: 'silent', value: null, ratio: null, kind: 'gauge', stat: 'last' },
      { ratio: 12, kind: 'counter', stat: 'rate', since: null },
      { state: 'low', ratio: 0.4, since: 400_000 },
      { state: 'high', ratio: null },
    );
    expect(shown.map(({ shape, what, much, since }) => [shape, what, much, since])).toEqual([
      ['◆', 'http.latency', 'no data', '96 s'],
      ['◆', 'http.latency', '12×', ''],
      ['◆', 'http.latency p99', '−60 %', '10 min'],
      ['◆', 'http.latency p99', 'rising', '96 s'],
    ]);
  });

  it('is not about the machine, and is a few things at most', () => {
    expect(chips({ metric: 'system.cpu.utilization' })).toEqual([]);
    expect(chips(...Array.from({ length: 30 }, (_, at) => ({ metric: `m${at}` }))).length).toBe(8);
  });

  it('keeps names that are markup as text in the address', () => {
    const [chip] = chips({ metric: '<b>&"', tags: { 'a:b': 'c,d&e' } });
    const address = new URL(chip?.href ?? '', 'http://x/');
    expect(address.searchParams.get('m')).toBe('<b>&"');
    expect(address.searchParams.get('f')).toBe('a%3Ab:c%2Cd&e');
  });
});
