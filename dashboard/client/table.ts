// LiveTable: the newest window of a subscription, as `snap` and `u` build it. Knows the wire's rules of a table, and
// nothing of sockets or time. A frame is checked whole before it changes anything.

import type { Snap, U } from './messages.ts';
import type { Cell, List, Range, Stat, Table } from './types.ts';

type Key = readonly string[];

/** Rows that a server may give out; more is taken for nonsense rather than for data. */
const ROWS_MAX = 4_000_000;

const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isIndex = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < ROWS_MAX;

/** A list of numbers, or lists of them. */
const isNumbers = (cell: unknown): boolean =>
  isList(cell) && cell.every((item) => typeof item === 'number' || isNumbers(item));
const numberOf = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : null);
const listOf = (cell: Cell | undefined) => (isList(cell) ? (cell as List) : null);

/** Whether these are no ascending row indexes. */
function indexesFault(i: unknown): boolean {
  return (
    !isList(i) || !i.every((row, at) => isIndex(row) && (at === 0 || row > (i[at - 1] as number)))
  );
}

/** Whether these rows cannot be right: indexes, and as many columns as fields, each as long, of numbers. */
function rowsFault(i: unknown, c: unknown, fields: number): boolean {
  if (indexesFault(i) || !isList(i) || !isList(c) || c.length !== fields) return true;
  const isCell = (cell: unknown) => cell === null || typeof cell === 'number' || isNumbers(cell);
  return !c.every((column) => isList(column) && column.length === i.length && column.every(isCell));
}

export class LiveTable<S extends Stat = Stat> implements Table<S> {
  size = 0;
  #keys: (Key | undefined)[] = [];
  #columns: Float64Array[];
  #lists: Map<number, List>[]; // by field; most have none
  #found = new Map<string, number>();

  readonly fields: readonly string[];
  readonly by: readonly string[];

  constructor(fields: readonly string[], by: readonly string[]) {
    this.fields = fields;
    this.by = by;
    this.#columns = fields.map(() => new Float64Array(0));
    this.#lists = fields.map(() => new Map());
  }

  *rows(): IterableIterator<number> {
    for (let row = 0; row < this.#keys.length; row++) if (this.#keys[row]) yield row;
  }

  has(row: number): boolean {
    return this.#keys[row] !== undefined;
  }

  get(row: number, stat: S): number | null {
    const value = this.#keys[row] ? this.#columns[this.fields.indexOf(stat)]?.[row] : undefined;
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  list(row: number, stat: S): List | null {
    return this.#lists[this.fields.indexOf(stat)]?.get(row) ?? null;
  }

  tags(row: number): Readonly<Record<string, string>> {
    return tagsOf(this.by, this.#keys[row]);
  }

  find(tags: Record<string, string>): number {
    return this.#found.get(keyText(this.by.map((name) => tags[name] ?? ''))) ?? -1;
  }

  /** Whether this snapshot (all its parts) cannot be right. */
  snapshotFault(parts: readonly Snap[]): boolean {
    let rows = 0;
    let last = -1;
    const keys = new Set<string>();
    for (const part of parts) {
      const i = part.i ?? [...part.k.keys()];
      if (rowsFault(i, part.c, this.fields.length) || this.#keysFault(i, part.k)) return true;
      if (i.length > 0 && (i[0] as number) <= last) return true; // parts overlap
      if (part.s !== parts[0]?.s || part.n !== parts[0].n) return true; // parts of two snapshots
      last = i.at(-1) ?? last;
      rows += i.length;
      for (const key of part.k) keys.add(keyText(key));
    }
    return keys.size !== rows || rows !== parts[0]?.n; // two rows of one key, or another n
  }

  applySnapshot(parts: readonly Pick<Snap, 'i' | 'k' | 'c'>[]): void {
    this.#keys = [];
    for (const lists of this.#lists) lists.clear();
    this.#found.clear();
    this.size = 0;
    for (const part of parts) {
      const i = part.i ?? [...part.k.keys()];
      i.forEach((row, at) => this.#add(row, part.k[at] as Key));
      this.#write(i, part.c);
    }
  }

  /** Whether this update of the newest window cannot be right. */
  updateFault(u: U): boolean {
    if (rowsFault(u.i, u.c, this.fields.length) || indexesFault(u.x ?? []) || this.#addedFault(u))
      return true;
    const removed = new Set(u.x ?? []);
    const added = new Set(u.d?.i ?? []);
    for (const row of removed) if (!this.has(row)) return true; // leaves and was never there
    for (const row of added) if (this.has(row)) return true; // comes twice
    const keys = new Set<string>();
    for (const key of u.d?.k ?? []) {
      const holder = this.#found.get(keyText(key));
      if (holder !== undefined && !removed.has(holder)) return true; // the key of another row
      keys.add(keyText(key));
    }
    let fresh = 0;
    for (const row of u.i) {
      if (added.has(row)) fresh++;
      else if (!this.has(row) || removed.has(row)) return true; // changes and is not there
    }
    const size = this.size - removed.size + added.size;
    return keys.size !== added.size || fresh !== added.size || u.n !== size; // each new row is whole
  }

  applyUpdate(u: U): void {
    for (const row of u.x ?? []) this.#remove(row);
    u.d?.i.forEach((row, at) => this.#add(row, u.d?.k[at] as Key));
    this.#write(u.i, u.c);
  }

  /** What a correction of an earlier window says, under this table's keys; rows unknown here are left out. */
  correction(u: U): Table<S> | null {
    if (u.f === undefined && u.rev === undefined) return null;
    if (u.d !== undefined || u.x !== undefined || u.n !== undefined) return null;
    if (rowsFault(u.i, u.c, this.fields.length)) return null;
    const known = u.i.map((row, at) => [row, at] as const).filter(([row]) => this.has(row));
    return new Part(this, new Map(known), (field, at) => u.c[field]?.[at]);
  }

  #addedFault({ d }: U): boolean {
    if (d === undefined) return false;
    return typeof d !== 'object' || !d || indexesFault(d.i) || this.#keysFault(d.i, d.k);
  }

  #keysFault(i: readonly unknown[], k: unknown): boolean {
    const isKey = (key: unknown) =>
      isList(key) && key.length === this.by.length && key.every((v) => typeof v === 'string');
    return !isList(k) || k.length !== i.length || !k.every(isKey);
  }

  #add(row: number, key: Key): void {
    if (!this.#keys[row]) this.size++;
    while (this.#keys.length < row) this.#keys.push(undefined);
    this.#keys[row] = key;
    this.#found.set(keyText(key), row);
  }

  #remove(row: number): void {
    const key = this.#keys[row];
    if (!key) return;
    this.#keys[row] = undefined;
    for (const lists of this.#lists) lists.delete(row);
    this.size--;
    if (this.#found.get(keyText(key)) === row) this.#found.delete(keyText(key));
  }

  #write(i: readonly number[], c: readonly Cell[][]): void {
    const rows = (i.at(-1) ?? -1) + 1;
    c.forEach((values, field) => {
      let column = this.#columns[field] as Float64Array;
      if (column.length < rows) {
        const grown = new Float64Array(Math.max(rows, column.length * 2, 16));
        grown.set(column);
        this.#columns[field] = column = grown;
      }
      const lists = this.#lists[field] as Map<number, List>;
      i.forEach((row, at) => {
        const list = listOf(values[at]);
        column[row] = numberOf(values[at]) ?? Number.NaN;
        if (list) lists.set(row, list);
        else lists.delete(row);
      });
    });
  }
}

/** Some rows of a table with values of their own: what a correction says, or a moment of the past. */
export class Part<S extends Stat = Stat> implements Table<S> {
  #base: LiveTable<S>;
  #at: ReadonlyMap<number, number>;
  #cell: (field: number, at: number) => Cell | undefined;

  /** `at`: where each row stands; `cell`: what stands there. */
  constructor(
    base: LiveTable<S>,
    at: ReadonlyMap<number, number>,
    cell: (field: number, at: number) => Cell | undefined,
  ) {
    this.#base = base;
    this.#at = at;
    this.#cell = cell;
  }
  get size(): number {
    return this.#at.size;
  }
  rows(): IterableIterator<number> {
    return this.#at.keys();
  }
  get(row: number, stat: S): number | null {
    return numberOf(this.#find(row, stat));
  }
  list(row: number, stat: S): List | null {
    return listOf(this.#find(row, stat));
  }
  tags(row: number): Readonly<Record<string, string>> {
    return this.#base.tags(row);
  }
  find(tags: Record<string, string>): number {
    const row = this.#base.find(tags);
    return this.#at.has(row) ? row : -1;
  }
  #find(row: number, stat: S): Cell | undefined {
    const at = this.#at.get(row);
    return at === undefined ? at : this.#cell(this.#base.fields.indexOf(stat), at);
  }
}

/** The moments of a page of history, oldest first; their row numbers are the page's own. */
export function moments({ fields, by, k, c, ts }: Range): Table[] {
  const base = new LiveTable(fields, by);
  base.applySnapshot([{ k, c: [] }]);
  const rows = new Map(k.map((_, row) => [row, row]));
  return ts.map((_, time) => new Part(base, rows, (field, row) => c[field]?.[row]?.[time]));
}

function keyText(key: Key): string {
  return JSON.stringify(key);
}

function tagsOf(by: readonly string[], key: Key | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(by.map((name, at) => [name, key?.[at] ?? '']));
}
