import { describe, expect, it } from 'vitest';
import type { Metric } from '../gateway.ts';
import { type Picked, queryOf, shareOf, tileSpecs } from './tile-specs.ts';

const QUEUE: Metric = { name: 'queue.depth', kind: 'gauge', series: 3, last_seen: 0 };
const PICKED: Picked = {
  timer: 'http.latency',
  requests: 'http.requests',
  errors: { how: 'ratio', metric: 'http.errors', of: 'http.requests' },
  queue: 'queue.depth',
};

describe('tiles', () => {
  it('stand in one order, each with its unit', () => {
    const specs = tileSpecs(PICKED, '', [QUEUE]);
    expect(specs.map(({ title, unit }) => [title, unit])).toEqual([
      ['Requests', '/s'],
      ['Latency p99', 'ms'],
      ['Error ratio', 'ratio'],
      ['Queue depth', ''],
    ]);
  });

  it('follow the chosen statistic where it is one of timers', () => {
    const latency = (stat: 'p50' | 'max' | 'rate') =>
      tileSpecs(PICKED, stat, []).find(({ key }) => key === 'latency')?.part.stat;
    expect([latency('p50'), latency('max'), latency('rate')]).toEqual(['p50', 'max', 'p99']);
  });

  it('are none of what nobody sends', () => {
    const none = { timer: undefined, requests: undefined, errors: undefined, queue: undefined };
    expect(tileSpecs(none, '', [])).toEqual([]);
  });

  it('ask for the whole of what the filters leave', () => {
    const part = { metric: 'http.latency', stat: 'p99' } as const;
    const steps = { windowMs: 10_000, slideMs: 1000 };
    expect(queryOf(part, [['service', '=', 'a']], steps)).toEqual({
      metric: 'http.latency',
      where: [['service', '=', 'a']],
      by: [],
      window: 10_000,
      slide: 1000,
      stats: ['p99'],
    });
  });

  it('show no errors as none of the requests, and no requests as nothing known', () => {
    expect([shareOf(null, 50), shareOf(5, 50), shareOf(5, null), shareOf(0, 0)]).toEqual([
      0,
      0.1,
      null,
      null,
    ]);
  });
});
