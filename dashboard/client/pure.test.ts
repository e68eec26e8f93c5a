// The small pure modules: durations, backoff, query keys, merging, messages.
import { describe, expect, it } from 'vitest';
import { afterClose, backoffMs } from './backoff.ts';
import { toMs } from './duration.ts';
import { mergeUpdates } from './merge.ts';
import { parseMessage } from './messages.ts';
import { queryKey } from './query-key.ts';
import { LiveTable } from './table.ts';
import type { Duration, Query, Update } from './types.ts';

describe('a duration', () => {
  it.each([
    [0, 0],
    [250, 250],
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['5min', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ] as [Duration, number][])('%s is %d ms', (text, ms) => expect(toMs(text)).toBe(ms));

  it.each([
    '',
    '5',
    's',
    '-1s',
    '1.5s',
    '1 s',
    '1S',
    '1s ',
    '1w',
    '1e3ms',
    -1,
    1.5,
    NaN,
    Infinity,
    null,
  ])('%s is none', (text) => expect(() => toMs(text as Duration)).toThrow(RangeError));
});

describe('backoff', () => {
  const most = (n: number) => backoffMs(n, { baseMs: 500, maxMs: 30_000, random: () => 0.999999 });
  it('doubles up to its maximum', () => {
    expect([0, 1, 2, 5, 6, 7, 2000].map(most)).toEqual([
      499, 999, 1999, 15_999, 29_999, 29_999, 29_999,
    ]);
  });
  it('is spread down to nothing', () => {
    expect(backoffMs(9, { baseMs: 500, maxMs: 30_000, random: () => 0 })).toBe(0);
  });
  it('knows from the close code whether to come back', () => {
    expect([4000, 4001, 4003, 4008, 4009, 4099].map(afterClose)).toEqual(Array(6).fill('stop'));
    expect(afterClose(4002)).toBe('token');
    const retried = [1000, 1001, 1006, 1011, 1012, 1013, 1014, 3999, 4100, 4104, 4105, 4200, 4999];
    expect(retried.map(afterClose)).toEqual(retried.map(() => 'retry'));
  });
});

describe('equal queries', () => {
  const query: Query = {
    metric: 'a',
    by: ['x', 'y'],
    where: [
      ['k', '=', 'v'],
      ['e', 'exists'],
    ],
    window: '10s',
    stats: ['p99', 'rate'],
  };
  it('are those that mean the same', () => {
    const same: Query = {
      metric: 'a',
      by: ['y', 'x', 'x'],
      where: [
        ['e', 'exists'],
        ['k', '=', 'v'],
      ],
      window: 10_000,
      stats: ['rate', 'p99', 'p99'],
    };
    expect(queryKey(same, { rate: 1000 })).toBe(queryKey(query, { rate: '1s' }));
  });
  it.each([
    { metric: 'b' },
    { by: ['x'] },
    { where: [] },
    { window: '20s' },
    { slide: '1s' },
    { stats: ['p99'] },
    { limit: 5 },
    { order: 'p99:desc' },
  ] as Partial<Query>[])('are not those with %o', (other) => {
    expect(queryKey({ ...query, ...other }, {})).not.toBe(queryKey(query, {}));
  });
});

describe('merging', () => {
  const table = new LiveTable([], []);
  const made = (kind: Update['kind'], changed: number[], removed: number[]): Update => ({
    kind,
    window: [0, 1],
    final: false,
    correction: false,
    coverage: 1,
    changed: Uint32Array.from(changed),
    removed: Uint32Array.from(removed),
    table,
  });
  it('keeps every row that changed and drops those that left', () => {
    const merged = mergeUpdates(made('update', [1, 2], [7]), made('update', [3], [2]));
    expect([...merged.changed]).toEqual([1, 3]);
    expect([...merged.removed]).toEqual([2, 7]);
  });
  it('stays a snapshot when the snapshot was not taken yet', () => {
    expect(mergeUpdates(made('snapshot', [1], []), made('update', [10, 9], [])).kind).toBe(
      'snapshot',
    );
    expect([...mergeUpdates(made('update', [1], []), made('snapshot', [4], [])).changed]).toEqual([
      4,
    ]);
  });
});

describe('a message', () => {
  it.each([
    '',
    'nonsense',
    'null',
    '3',
    '[]',
    '{}',
    '{"t":3}',
    '{"t":"u"}',
    '{"t":"u","ch":1,"s":1.5,"w":[0,1],"i":[],"c":[]}',
    '{"t":"u","ch":-1,"s":1,"w":[0,1],"i":[],"c":[]}',
    '{"t":"u","ch":1,"s":1,"w":[2,1],"i":[],"c":[]}',
    '{"t":"u","ch":1,"s":1,"w":[1],"i":[],"c":[]}',
    '{"t":"snap","ch":1,"s":1,"w":[0,1],"n":0,"c":[]}',
    '{"t":"snap","ch":1,"s":1,"w":[0,1],"n":0,"k":[],"c":[],"part":[3,2]}',
    '{"t":"subd","id":1,"ch":1,"epoch":"e","mode":"snapshot","fields":[1],"by":[]}',
    '{"t":"subd","id":1,"ch":1,"epoch":"e","mode":"snapshot","fields":["p99"]}',
    '{"t":"welcome"}',
    '{"t":"bye"}',
    '{"t":"err","code":5,"n":1,"msg":""}',
    '{"t":"hb"}',
  ])('that cannot be right is none: %s', (text) => expect(parseMessage(text)).toBeNull());
  it('that is not text is none', () => {
    expect(parseMessage(undefined)).toBeNull();
    expect(parseMessage(new ArrayBuffer(8))).toBeNull();
  });
  it('of an unknown type or with unknown fields passes', () => {
    expect(parseMessage('{"t":"toString"}')).toEqual({ t: 'toString' });
    expect(parseMessage('{"t":"hb","now":5,"later":1}')).toEqual({ t: 'hb', now: 5, later: 1 });
  });
});
