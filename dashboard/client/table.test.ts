import { describe, expect, it } from 'vitest';
import type { Snap, U } from './messages.ts';
import { LiveTable } from './table.ts';

const fields = ['count', 'p99'];
const by = ['route', 'host'];

const snap = (more: object = {}): Snap =>
  ({
    t: 'snap',
    ch: 1,
    s: 7,
    w: [0, 10],
    n: 2,
    i: [0, 3],
    k: [
      ['/a', 'x'],
      ['/b', 'x'],
    ],
    c: [
      [1, 2],
      [0.5, null],
    ],
    ...more,
  }) as Snap;
const update = (more: object = {}): U =>
  ({ t: 'u', ch: 1, s: 8, w: [1, 11], n: 2, i: [], c: [[], []], ...more }) as U;

function loaded(): LiveTable {
  const table = new LiveTable(fields, by);
  expect(table.snapshotFault([snap()])).toBe(false);
  table.applySnapshot([snap()]);
  return table;
}

function contents(table: LiveTable): unknown[] {
  return [...table.rows()].map((row) => [
    row,
    table.tags(row),
    table.get(row, 'count'),
    table.get(row, 'p99'),
  ]);
}

describe('a table', () => {
  it('holds what the snapshot says, by the indexes of the server', () => {
    const table = loaded();
    expect(contents(table)).toEqual([
      [0, { route: '/a', host: 'x' }, 1, 0.5],
      [3, { route: '/b', host: 'x' }, 2, null],
    ]);
    expect(table.size).toBe(2);
    expect(table.find({ route: '/b', host: 'x' })).toBe(3);
    expect(table.find({ route: '/b' })).toBe(-1);
    expect(table.get(1, 'count')).toBeNull();
    expect(table.get(0, 'max')).toBeNull();
  });

  it('holds the lists of buckets beside its numbers', () => {
    const table = new LiveTable(['count', 'buckets'], by);
    const both = [
      [6, 0, 3, 1],
      [6, 0, 0, 2],
    ];
    const first = snap({
      c: [
        [1, 2],
        [[6, 1, -12, 3, 0, 4], both],
      ],
    });
    expect(table.snapshotFault([first])).toBe(false);
    table.applySnapshot([first]);
    expect(table.list(0, 'buckets')).toEqual([6, 1, -12, 3, 0, 4]);
    expect(table.list(3, 'buckets')).toEqual(both);
    expect(table.list(0, 'count')).toBeNull();
    expect(table.get(0, 'buckets')).toBeNull();
    table.applyUpdate(update({ i: [3], c: [[2], [null]], x: [0], n: 1 }));
    expect(table.list(0, 'buckets')).toBeNull();
    expect(table.list(3, 'buckets')).toBeNull();
    const late = update({ w: [0, 10], f: 1, n: undefined, i: [3], c: [[1], [[6, 0, 1, 9]]] });
    expect(table.correction(late)?.list(3, 'buckets')).toEqual([6, 0, 1, 9]);
    expect(
      table.snapshotFault([
        snap({
          c: [
            [1, 2],
            [['6'], null],
          ],
        }),
      ]),
    ).toBe(true);
  });

  it('counts rows from 0 where a snapshot has no indexes', () => {
    const table = new LiveTable(fields, by);
    const { i: _, ...counted } = snap();
    expect(table.snapshotFault([counted as Snap])).toBe(false);
    table.applySnapshot([counted as Snap]);
    expect([...table.rows()]).toEqual([0, 1]);
  });

  it('removes, then adds, then sets', () => {
    const table = loaded();
    const change = update({
      x: [0],
      d: { i: [4], k: [['/a', 'x']] }, // the key of the row that leaves
      i: [3, 4],
      c: [
        [20, 30],
        [2, 3],
      ],
    });
    expect(table.updateFault(change)).toBe(false);
    table.applyUpdate(change);
    expect(contents(table)).toEqual([
      [3, { route: '/b', host: 'x' }, 20, 2],
      [4, { route: '/a', host: 'x' }, 30, 3],
    ]);
    expect(table.find({ route: '/a', host: 'x' })).toBe(4);
  });

  it('gives tags that are text, whatever they are called', () => {
    const table = new LiveTable(['count'], ['__proto__', 'constructor']);
    table.applySnapshot([snap({ n: 1, i: [0], k: [['<img>', 'y']], c: [[1]] })]);
    expect(Object.entries(table.tags(0))).toEqual([
      ['__proto__', '<img>'],
      ['constructor', 'y'],
    ]);
  });

  it('forgets the values of a row whose index comes again after a snapshot', () => {
    const table = loaded();
    table.applySnapshot([snap({ n: 1, i: [3], k: [['/c', 'z']], c: [[null], [null]] })]);
    expect(contents(table)).toEqual([[3, { route: '/c', host: 'z' }, null, null]]);
  });

  const added = { i: [5], k: [['/n', 'x']] };
  const badUpdates: Record<string, object> = {
    'i is missing': { i: undefined },
    'i is no list': { i: 3 },
    'an index is a fraction': { i: [0.5], c: [[1], [1]] },
    'an index is negative': { i: [-1], c: [[1], [1]] },
    'an index is huge': { i: [2 ** 40], c: [[1], [1]] },
    'an index is text': { i: ['0'], c: [[1], [1]] },
    'indexes descend': {
      i: [3, 0],
      c: [
        [1, 1],
        [1, 1],
      ],
    },
    'an index twice': {
      i: [0, 0],
      c: [
        [1, 1],
        [1, 1],
      ],
    },
    'a row that is not there': { i: [1], c: [[1], [1]] },
    'a column too few': { i: [0], c: [[1]] },
    'a column too many': { i: [0], c: [[1], [1], [1]] },
    'columns of unequal length': { i: [0], c: [[1], []] },
    'a column that is no list': { i: [0], c: [[1], 1] },
    'a cell that is text': { i: [0], c: [[1], ['1']] },
    'c is missing': { i: [], c: undefined },
    'n is missing': { n: undefined },
    'n is too small': { n: 1 },
    'n forgets a removed row': { x: [0], n: 2 },
    'x of no row': { x: [1], n: 1 },
    'x is no list': { x: 0, n: 1 },
    'x twice': { x: [0, 0], n: 1 },
    'x and i of one row': { x: [0], n: 1, i: [0], c: [[1], [1]] },
    'd without values': { d: added, n: 3 },
    'd of a row that is there': {
      d: { i: [0], k: [['/n', 'x']] },
      n: 3,
      i: [0],
      c: [[1], [1]],
    },
    'd of a key that is there': { d: { i: [5], k: [['/a', 'x']] }, n: 3, i: [5], c: [[1], [1]] },
    'd of one key twice': {
      d: { i: [5, 6], k: [added.k[0], added.k[0]] },
      n: 4,
      i: [5, 6],
      c: [
        [1, 1],
        [1, 1],
      ],
    },
    'd with fewer keys than rows': { d: { i: [5], k: [] }, n: 3, i: [5], c: [[1], [1]] },
    'd with a short key': { d: { i: [5], k: [['/n']] }, n: 3, i: [5], c: [[1], [1]] },
    'd with a key of numbers': { d: { i: [5], k: [[1, 2]] }, n: 3, i: [5], c: [[1], [1]] },
    'd is null': { d: null },
    'd is text': { d: 'rows' },
  };
  it.each(Object.entries(badUpdates))('refuses an update where %s', (_, more) => {
    const table = loaded();
    const before = contents(table);
    expect(table.updateFault(update(more))).toBe(true);
    expect(contents(table)).toEqual(before);
  });

  const badSnapshots: Record<string, Snap[]> = {
    'n is wrong': [snap({ n: 3 })],
    'keys are too few': [snap({ k: [['/a', 'x']] })],
    'keys are the same': [
      snap({
        k: [
          ['/a', 'x'],
          ['/a', 'x'],
        ],
      }),
    ],
    'columns are too short': [snap({ c: [[1], [1]] })],
    'indexes descend': [snap({ i: [3, 0] })],
    'parts overlap': [snap({ n: 4, part: [1, 2] }), snap({ n: 4, part: [2, 2] })],
    'parts are of two states': [
      snap({ n: 3, part: [1, 2] }),
      snap({ n: 3, part: [2, 2], s: 8, i: [9], k: [['/z', 'x']], c: [[1], [1]] }),
    ],
  };
  it.each(Object.entries(badSnapshots))('refuses a snapshot where %s', (_, parts) => {
    expect(new LiveTable(fields, by).snapshotFault(parts)).toBe(true);
  });

  it('gives a correction its own values and leaves itself alone', () => {
    const table = loaded();
    const before = contents(table);
    const said = update({
      n: undefined,
      f: 1,
      i: [0, 9],
      c: [
        [7, 8],
        [9, 9],
      ],
    });
    const corrected = table.correction(said);
    expect(corrected && [...corrected.rows()]).toEqual([0]); // 9 is unknown here
    expect(corrected?.get(0, 'count')).toBe(7);
    expect(corrected?.get(3, 'count')).toBeNull();
    expect(contents(table)).toEqual(before);
  });

  it.each([{ x: [0] }, { d: added }, { n: 2 }, { f: undefined }])(
    'refuses a correction with %o',
    (more) => {
      expect(loaded().correction(update({ n: undefined, f: 1, ...more }))).toBeNull();
    },
  );

  it('equals a plain model after any number of updates', () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    for (let run = 0; run < 40; run++) {
      const model = new Map<number, { key: string[]; values: (number | null)[] }>();
      const value = () => (random(5) === 0 ? null : random(1000) / 8);
      let next = 0;
      const grow = (count: number) =>
        Array.from({ length: count }, () => {
          const row = next++;
          model.set(row, { key: [`/r${row}`, `h${random(3)}`], values: [value(), value()] });
          return row;
        });
      const columns = (rows: number[]) =>
        fields.map((_, field) => rows.map((row) => model.get(row)?.values[field] ?? null));
      const keys = (rows: number[]) => rows.map((row) => model.get(row)?.key);

      const first = grow(random(6));
      const table = new LiveTable(fields, by);
      const start = snap({ n: first.length, i: first, k: keys(first), c: columns(first) });
      expect(table.snapshotFault([start])).toBe(false);
      table.applySnapshot([start]);
      for (let step = 0; step < 30; step++) {
        const x = [...model.keys()].filter(() => random(8) === 0);
        for (const row of x) model.delete(row);
        const changed = [...model.keys()].filter(() => random(3) === 0);
        for (const row of changed) {
          const held = model.get(row);
          if (held) held.values = [value(), value()];
        }
        const added = grow(random(3));
        const i = [...changed, ...added];
        const d = added.length > 0 ? { i: added, k: keys(added) } : undefined;
        const change = update({
          n: model.size,
          x: x.length > 0 ? x : undefined,
          d,
          i,
          c: columns(i),
        });
        expect(table.updateFault(change)).toBe(false);
        table.applyUpdate(change);
        expect(contents(table)).toEqual(
          [...model].map(([row, { key, values }]) => [
            row,
            { route: key[0], host: key[1] },
            ...values,
          ]),
        );
        expect(table.size).toBe(model.size);
      }
    }
  });
});
