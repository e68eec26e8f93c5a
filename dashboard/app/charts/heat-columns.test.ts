import { describe, expect, it } from 'vitest';
import type { List, Table, Update } from '../../client/index.ts';
import { COLUMNS_MAX, HeatColumns } from './heat-columns.ts';

const table = (cells: Record<string, List>): Table => {
  const names = Object.keys(cells);
  return {
    size: names.length,
    rows: () => names.keys(),
    list: (row) => cells[names[row] ?? ''] ?? null,
    get: (_, stat) => (stat === 'p50' ? 10 : 99),
    tags: (row) => ({ host: names[row] ?? '' }),
    find: () => -1,
  };
};
function update(end: number, cells: Record<string, List>, more: Partial<Update> = {}): Update {
  const none = new Uint32Array();
  const fresh = { kind: 'update', final: false, correction: false, coverage: 1 } as const;
  const window = [end - 1000, end] as const;
  return { ...fresh, window, changed: none, removed: none, table: table(cells), ...more };
}
const ends = (columns: HeatColumns) => columns.between(0, 1e9).map(({ end }) => end);

describe('the columns of a heatmap', () => {
  it('stand by time, whenever they came', () => {
    const columns = new HeatColumns();
    for (const end of [3000, 1000, 2000]) columns.take(update(end, { a: [6, 0, 0, 1] }));
    expect(ends(columns)).toEqual([1000, 2000, 3000]);
    expect(columns.between(1000, 2000).map(({ end }) => end)).toEqual([2000]);
  });

  it('are replaced by the newest word of their window', () => {
    const columns = new HeatColumns();
    columns.take(update(1000, { a: [6, 0, 0, 1] }));
    const before = columns.revision;
    columns.take(update(1000, { a: [6, 0, 0, 2] }));
    expect([...(columns.endingAt(1000)?.cells.values() ?? [])]).toEqual([[6, 0, 0, 2]]);
    expect(columns.revision).toBeGreaterThan(before);
  });

  it('keep the rows that a correction does not name', () => {
    const columns = new HeatColumns();
    columns.take(update(1000, { a: [6, 0, 0, 1], b: [6, 0, 9, 4] }));
    columns.take(update(1000, { a: [6, 0, 0, 3] }, { correction: true }));
    expect([...(columns.endingAt(1000)?.cells.values() ?? [])]).toEqual([
      [6, 0, 0, 3],
      [6, 0, 9, 4],
    ]);
  });

  it('have lines of one row, none of several', () => {
    const columns = new HeatColumns();
    columns.take(update(1000, { a: [6, 0, 0, 1] }));
    columns.take(update(2000, { a: [6, 0, 0, 1], b: [6, 0, 9, 4] }));
    columns.take(update(3000, {}));
    expect(columns.between(0, 9000).map(({ lines }) => lines)).toEqual([
      [10, 99],
      [null, null],
      [null, null],
    ]);
  });

  it('are limited, and the oldest go', () => {
    const columns = new HeatColumns();
    for (let end = 1; end <= COLUMNS_MAX + 5; end++) columns.take(update(end, {}));
    expect([ends(columns).length, ends(columns)[0]]).toEqual([COLUMNS_MAX, 6]);
  });
});
