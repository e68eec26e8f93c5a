import { describe, expect, it } from 'vitest';
import type { Kind, Metric } from '../gateway.ts';
import {
  errorsOf,
  latencyTitle,
  queueOf,
  requestsOf,
  requestsTitle,
  timerOf,
  titleOf,
} from './choice.ts';

const metric = (name: string, kind: Kind, series = 1): Metric => ({
  name,
  kind,
  series,
  last_seen: 0,
});
const WEB = [
  metric('db.pool.used', 'gauge', 9),
  metric('db.query.duration', 'timer', 3),
  metric('http.errors', 'counter', 5),
  metric('http.request.duration', 'timer', 70),
  metric('http.requests', 'counter', 89),
  metric('jobs.done', 'counter', 3),
  metric('jobs.failed', 'counter', 3),
  metric('order.value', 'timer', 2),
  metric('process.paging.faults', 'counter', 2),
  metric('queue.depth', 'gauge', 3),
  metric('system.cpu.utilization', 'gauge', 8),
];
const NONE = new Map<string, number>();

describe('what the tiles show', () => {
  it('is chosen by what names say', () => {
    expect(requestsOf(WEB, NONE)).toBe('http.requests');
    expect(errorsOf(WEB, 'http.requests')).toEqual({
      how: 'ratio',
      metric: 'http.errors',
      of: 'http.requests',
    });
    expect(queueOf(WEB)).toBe('queue.depth');
  });

  it('is the busiest latency, and stays so until another is clearly busier', () => {
    const busy = new Map([
      ['db.query.duration', 7],
      ['http.request.duration', 5],
      ['order.value', 99],
    ]);
    expect(timerOf(WEB, busy)).toBe('db.query.duration');
    expect(timerOf(WEB, busy, 'http.request.duration')).toBe('http.request.duration');
    busy.set('db.query.duration', 11);
    expect(timerOf(WEB, busy, 'http.request.duration')).toBe('db.query.duration');
    expect(timerOf(WEB, busy, 'gone')).toBe('db.query.duration');
  });

  it('is what there is where no name says anything', () => {
    const odd = [
      metric('a', 'counter'),
      metric('b', 'counter'),
      metric('c', 'timer'),
      metric('d', 'gauge'),
    ];
    expect(requestsOf(odd, new Map([['b', 3]]))).toBe('b');
    expect(errorsOf(odd, 'b')).toBeUndefined();
    expect(timerOf(odd, NONE)).toBe('c');
    expect(queueOf(odd)).toBe('d');
  });

  it("is nothing of the machine's own", () => {
    const host = WEB.filter(({ name }) => /^(system|process)/.test(name));
    expect([
      requestsOf(host, NONE),
      timerOf(host, NONE),
      queueOf(host),
      errorsOf(host, undefined),
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is errors as they are told where they are no part of the requests', () => {
    expect(errorsOf([metric('jobs.failed', 'counter')], 'http.requests')).toEqual({
      how: 'rate',
      metric: 'jobs.failed',
    });
    expect(errorsOf([metric('api.error_ratio', 'gauge')], undefined)).toEqual({
      how: 'gauge',
      metric: 'api.error_ratio',
    });
  });

  it('has short titles; what is long or strange stays as it was sent', () => {
    expect(titleOf('queue.depth')).toBe('Queue depth');
    expect(titleOf('<b>x</b>')).toBe('<b>x</b>');
    expect(titleOf('some.very.long.metric.name')).toBe('some.very.long.metric.name');
    expect([latencyTitle('http.latency'), latencyTitle('order.value')]).toEqual([
      'Latency',
      'Order value',
    ]);
    expect([requestsTitle('http.requests'), requestsTitle('jobs.done')]).toEqual([
      'Requests',
      'Jobs done',
    ]);
  });
});
