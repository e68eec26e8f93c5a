import { describe, expect, it } from 'vitest';
import type { Kind } from './gateway.ts';
import { showText, type Unit, unitOf } from './units.ts';

describe('a unit', () => {
  it.each([
    ['http.latency', 'timer', 'ms'],
    ['order.value', 'timer', ''],
    ['response.size', 'timer', 'bytes'],
    ['system.cpu.utilization', 'gauge', 'ratio'],
    ['cache.hit_ratio', 'gauge', 'ratio'],
    ['disk.used_percent', 'gauge', '%'],
    ['system.memory.usage', 'gauge', 'bytes'],
    ['system.network.io', 'counter', 'bytes/s'],
    ['http.requests', 'counter', '/s'],
    ['queue.depth', 'gauge', ''],
    ['migration', 'gauge', ''], // "ratio" stands within it
  ] as [string, Kind, Unit][])('of %s (%s) is %s', (name, kind, unit) => {
    expect(unitOf(name, kind)).toBe(unit);
  });
});

describe('a number', () => {
  it.each([
    [12.5, 'ms', '12.5 ms'],
    [0, 'ms', '0 ms'],
    [999.94, 'ms', '1000 ms'],
    [12.345, 'ms', '12.3 ms'],
    [0.05, 'ms', '50 µs'],
    [12_000, 'ms', '12 s'],
    [180_000, 'ms', '3 min'],
    [0.1234, 'ratio', '12.3 %'],
    [42.5, '%', '42.5 %'],
    [1, 'ratio', '100 %'],
    [0, 'ratio', '0 %'],
    [1536, 'bytes', '1.54 kB'],
    [-1500, 'bytes', '-1.5 kB'],
    [4520, '/s', '4.52k /s'],
    [7, '', '7'],
    [1_234_567, '', '1.23M'],
    [null, 'ms', '–'],
    [Number.NaN, 'ms', '–'],
    [Number.POSITIVE_INFINITY, 'bytes', '–'],
  ] as [number | null, Unit, string][])('%d in %s is shown as "%s"', (value, unit, text) => {
    expect(showText(value, unit)).toBe(text);
  });
});
