// HeatColumns: the drawn past of one heatmap: for each window its cells of `buckets`, and the quantiles that are drawn as
// lines over them. Pure.

import type { List, Stat, Table, Update } from '../../client/index.ts';

/** The lines, in this order; asked for together with `buckets`. */
export const LINES = ['p50', 'p99'] as const satisfies readonly Stat[];
export const HEAT_STATS = ['buckets', ...LINES] as const satisfies readonly Stat[];
/** More than any span has windows (stepsOf in view-state.ts). */
export const COLUMNS_MAX = 420;

export interface HeatColumn {
  /** Where its window ends, in ms since the epoch. */
  readonly end: number;
  /** By the tags of their rows; none when nothing came in this window. */
  readonly cells: ReadonlyMap<string, List>;
  /** Of one row; of several there is no quantile of the whole. */
  readonly lines: readonly (number | null)[];
}

function cellsOf(table: Table): Map<string, List> {
  const cells = new Map<string, List>();
  for (const row of table.rows()) {
    const list = table.list(row, 'buckets');
    if (list) cells.set(JSON.stringify(table.tags(row)), list);
  }
  return cells;
}

function linesOf(table: Table): (number | null)[] {
  const [row, ...more] = table.rows();
  return LINES.map((stat) => (row === undefined || more.length > 0 ? null : table.get(row, stat)));
}

export class HeatColumns {
  /** Another number, another picture. */
  revision = 0;
  /** By `end`, ascending. */
  #columns: HeatColumn[] = [];

  get newest(): HeatColumn | undefined {
    return this.#columns.at(-1);
  }

  /** The windows that end in (start, end]. */
  between(start: number, end: number): HeatColumn[] {
    return this.#columns.filter((column) => column.end > start && column.end <= end);
  }

  endingAt(end: number): HeatColumn | undefined {
    return this.#columns.find((column) => column.end === end);
  }

  take({ window, correction, table }: Update): void {
    const end = window[1];
    const before = correction ? this.endingAt(end) : undefined;
    const cells = new Map([...(before?.cells ?? []), ...cellsOf(table)]);
    const alone = cells.size <= 1;
    this.put({ end, cells, lines: alone ? linesOf(table) : LINES.map(() => null) });
  }

  /** In its place by time; another of the same window is forgotten, and so are the oldest when there are too many. */
  put(column: HeatColumn): void {
    const at = this.#columns.findIndex(({ end }) => end >= column.end);
    if (at < 0) this.#columns.push(column);
    else this.#columns.splice(at, this.#columns[at]?.end === column.end ? 1 : 0, column);
    if (this.#columns.length > COLUMNS_MAX) this.#columns.shift();
    this.revision++;
  }

  clear(): void {
    this.#columns = [];
    this.revision++;
  }
}
