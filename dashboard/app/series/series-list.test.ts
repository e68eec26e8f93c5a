import { describe, expect, it } from 'vitest';
import type { Table } from '../../client/index.ts';
import type { Metric } from '../gateway.ts';
import { packed, SeriesList } from './series-list.ts';

type Row = [metric: string, kind: string, tags: Record<string, string>, value: number | null];
const table = (rows: Row[]): Table => ({
  size: rows.length,
  rows: () => rows.keys(),
  list: () => null,
  get: (row) => rows[row]?.[3] ?? null,
  tags: (row) => {
    const [metric = '', kind = '', tags = {}] = rows[row] ?? [];
    return { '@metric': metric, '@kind': kind, ...tags };
  },
  find: () => -1,
});
const ROWS: Row[] = [
  ['http.latency', 'timer', { service: 'checkout', route: '/a' }, 500],
  ['http.latency', 'timer', { service: 'auth', route: '' }, 70],
  ['http.requests', 'counter', { service: 'checkout', route: '' }, 900],
];
const labels = (list: SeriesList, search: string, by: 'change' | 'now' | 'name') =>
  list.shown(search, by).map(({ metric, label }) => `${metric} ${label}`);

describe('the list of all series', () => {
  it('is by name, by value, by how much each changed', () => {
    const list = new SeriesList();
    list.take('0', table(ROWS));
    const past = ROWS.map(([metric, kind, tags, value], at): Row => {
      return [metric, kind, tags, at === 1 ? 700 : value];
    });
    for (let moment = 0; moment < 3; moment++) list.takePast('0', table(past));
    list.endPast();
    const [checkout, auth, requests] = [
      'http.latency service=checkout route=/a',
      'http.latency service=auth',
      'http.requests service=checkout',
    ];
    expect(labels(list, '', 'name')).toEqual([auth, checkout, requests]);
    expect(labels(list, '', 'now')).toEqual([requests, checkout, auth]);
    expect(labels(list, '', 'change')[0]).toBe(auth);
  });

  it('is searched by every word, in names and tags', () => {
    const list = new SeriesList();
    list.take('0', table(ROWS));
    expect(labels(list, 'CHECKOUT latency', 'name')).toEqual([
      'http.latency service=checkout route=/a',
    ]);
    expect(labels(list, 'route=/', 'name').length).toBe(1);
    expect(labels(list, 'nothing', 'name')).toEqual([]);
  });

  it('forgets what is gone, of the same query alone', () => {
    const list = new SeriesList();
    list.take('0', table(ROWS.slice(0, 2)));
    list.take('1', table(ROWS.slice(2)));
    list.take('0', table(ROWS.slice(1, 2)));
    expect(list.size).toBe(2);
  });

  it('makes no baseline of two moments', () => {
    const list = new SeriesList();
    list.take('0', table(ROWS));
    list.takePast('0', table(ROWS));
    list.takePast('0', table(ROWS));
    list.endPast();
    expect(list.shown('', 'name').map(({ before }) => before)).toEqual([null, null, null]);
  });

  it('answers a search of 5,000 series well within a tenth of a second', () => {
    const list = new SeriesList();
    list.take(
      '0',
      table(Array.from({ length: 5000 }, (_, at): Row => ['m', 'timer', { id: `${at}` }, at])),
    );
    const begun = performance.now();
    expect(list.shown('id=4999', 'now').length).toBe(1);
    // Far more than it takes: this must hold on a machine that does ten other things.
    expect(performance.now() - begun).toBeLessThan(100);
  });
});

describe('the queries that list all series', () => {
  it('are as few as their tags allow', () => {
    const metric = (name: string): Metric => ({ name, kind: 'timer', series: 1, last_seen: 0 });
    const tags = (...keys: string[]) => keys.map((key) => ({ key, values: [] }));
    expect(
      packed([
        { metric: metric('a'), tags: tags('p', 'q') },
        { metric: metric('b'), tags: tags('q', 'r', 's', 't', 'u') },
        { metric: metric('c'), tags: tags('v') },
        { metric: metric('d'), tags: tags('1', '2', '3', '4', '5', '6', '7') },
      ]),
    ).toEqual([
      { names: ['a', 'b'], keys: ['p', 'q', 'r', 's', 't', 'u'] },
      { names: ['c'], keys: ['v'] },
      { names: ['d'], keys: ['1', '2', '3', '4', '5', '6'] },
    ]);
  });
});
