import { describe, expect, it } from 'vitest';
import type { Kind, Metric, TagKey } from './gateway.ts';
import { groupOf, hostMetrics, isHost, viewOf } from './views.ts';

const metric = (name: string, kind: Kind = 'gauge'): Metric => ({
  name,
  kind,
  series: 1,
  last_seen: 0,
});
const tag = (key: string, count: number): TagKey => ({
  key,
  values: Array.from({ length: count }, (_, at) => ({ value: `${key}-${at}`, series: 1 })),
});

describe('a card', () => {
  it.each([
    ['counter', 'rate'],
    ['gauge', 'last'],
    ['timer', 'p99'],
    ['set', 'distinct'],
  ] as [Kind, string][])('of a %s shows its %s', (kind, stat) => {
    expect(viewOf(metric('a', kind), []).stat).toBe(stat);
  });

  it('of a timer shows the median and the rate beside it', () => {
    expect(viewOf(metric('a', 'timer'), []).query.stats).toEqual(['p99', 'p50', 'rate']);
  });

  it('leaves idle time out of the CPU', () => {
    const { query } = viewOf(metric('system.cpu.utilization'), [tag('mode', 8)]);
    expect(query).toMatchObject({ where: [['mode', '!=', 'idle']], by: ['mode'] });
  });
});

describe('lines stand for', () => {
  it('the first tag that splits into a few', () => {
    expect(groupOf([tag('user', 5000), tag('route', 1), tag('region', 8)])).toEqual(['region']);
  });
  it('a tag of one value when there is no better', () => {
    expect(groupOf([tag('user', 9), tag('route', 1)])).toEqual(['route']);
  });
  it('everything together otherwise', () => {
    expect(groupOf([])).toEqual([]);
    expect(groupOf([tag('user', 9), tag('none', 0)])).toEqual([]);
  });
});

describe('the host', () => {
  it('is what the host feed and the process say, nothing that looks alike', () => {
    expect(['system.cpu.utilization', 'process.memory.usage'].every(isHost)).toBe(true);
    expect(['systems.a', 'system', 'my.system.cpu', 'processed.items'].some(isHost)).toBe(false);
  });
  it('is the limits of its container, and no other container of yours', () => {
    expect(['container.memory.limit', 'container.cpu.throttled_time'].every(isHost)).toBe(true);
    expect(['container.starts', 'container.memory.limits'].some(isHost)).toBe(false);
  });
  it('has its cards in one order', () => {
    const names = ['system.disk.io', 'system.cpu.utilization', 'system.unknown'];
    expect(hostMetrics(names.map((name) => metric(name))).map(({ name }) => name)).toEqual([
      'system.cpu.utilization',
      'system.disk.io',
    ]);
  });
});
