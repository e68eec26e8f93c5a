// LiveTable: the newest window of a subscription, as `snap` and `u` build it. Knows the wire's rules of a table, and
// nothing of sockets or time. A frame is checked whole before it changes anything.

import type { Snap, U } from './messages.ts';
import type { Cell, List, Stat, Table } from './types.ts';

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

/** Why these are no ascending row indexes, or null. */
function indexesFault(i: unknown): string | null {
  if (!isList(i)) return 'indexes are not a list';
  if (!i.every(isIndex)) return 'an index is out of range';
  for (let k = 1; k < i.length; k++)
    if ((i[k] as number) <= (i[k - 1] as number)) return 'indexes do not ascend';
  return null;
}

/** Why these rows cannot be right, or null. */
function rowsFault(i: unknown, c: unknown, fields: number): string | null {
  if (!isList(c)) return 'c is not a list';
  const indexes = indexesFault(i);
  if (indexes || !isList(i)) return indexes;
  if (c.length !== fields) return `${c.length} columns for ${fields} fields`;
  for (const column of c) {
    if (!isList(column) || column.length !== i.length) return 'columns of unequal length';
    if (!column.every((cell) => cell === null || typeof cell === 'number' || isNumbers(cell)))
      return 'a cell is no number';
  }
  return null;
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

  /** Why this snapshot (all its parts) cannot be right, or null. */
  snapshotFault(parts: readonly Snap[]): string | null {
    let rows = 0;
    let last = -1;
    const keys = new Set<string>();
    for (const part of parts) {
      const i = part.i ?? [...part.k.keys()];
      const fault = rowsFault(i, part.c, this.fields.length) ?? this.#keysFault(i, part.k);
      if (fault) return fault;
      if (i.length > 0 && (i[0] as number) <= last) return 'parts overlap';
      if (part.s !== parts[0]?.s || part.n !== parts[0].n) return 'parts of two snapshots';
      last = i.at(-1) ?? last;
      rows += i.length;
      for (const key of part.k) keys.add(keyText(key));
    }
    if (keys.size !== rows) return 'two rows of one key';
    return rows === parts[0]?.n ? null : `${rows} rows for n = ${parts[0]?.n}`;
  }

  applySnapshot(parts: readonly Snap[]): void {
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

  /** Why this update of the newest window cannot be right, or null. */
  updateFault(u: U): string | null {
    const fault =
      rowsFault(u.i, u.c, this.fields.length) ?? indexesFault(u.x ?? []) ?? this.#addedFault(u);
    if (fault) return fault;
    const removed = new Set(u.x ?? []);
    const added = new Set(u.d?.i ?? []);
    for (const row of removed)
      if (!this.has(row)) return `row ${row} is removed and was never there`;
    for (const row of added) if (this.has(row)) return `row ${row} is added twice`;
    const keys = new Set<string>();
    for (const key of u.d?.k ?? []) {
      const holder = this.#found.get(keyText(key));
      if (holder !== undefined && !removed.has(holder)) return 'a new row has the key of another';
      keys.add(keyText(key));
    }
    if (keys.size !== added.size) return 'two rows of one key';
    let fresh = 0;
    for (const row of u.i) {
      if (added.has(row)) fresh++;
      else if (!this.has(row) || removed.has(row)) return `row ${row} changes and is not there`;
    }
    if (fresh !== added.size) return 'a new row has no values';
    const size = this.size - removed.size + added.size;
    return u.n === size ? null : `n is ${u.n}, the table has ${size}`;
  }

  applyUpdate(u: U): void {
    for (const row of u.x ?? []) this.#remove(row);
    u.d?.i.forEach((row, at) => this.#add(row, u.d?.k[at] as Key));
    this.#write(u.i, u.c);
  }

  /** What a correction of an earlier window says, under this table's keys; rows unknown here are left out. */
  correction(u: U): Correction<S> | null {
    if (u.f === undefined && u.rev === undefined) return null;
    if (u.d !== undefined || u.x !== undefined || u.n !== undefined) return null;
    if (rowsFault(u.i, u.c, this.fields.length)) return null;
    const known = u.i.map((row, at) => [row, at] as const).filter(([row]) => this.has(row));
    return new Correction(this, new Map(known), u.c);
  }

  #addedFault({ d }: U): string | null {
    if (d === undefined) return null;
    if (typeof d !== 'object' || d === null) return 'd is no object';
    return indexesFault(d.i) ?? this.#keysFault(d.i, d.k);
  }

  #keysFault(i: readonly unknown[], k: unknown): string | null {
    if (!isList(k) || k.length !== i.length) return 'keys of unequal number';
    const right = k.every(
      (key) =>
        isList(key) && key.length === this.by.length && key.every((v) => typeof v === 'string'),
    );
    return right ? null : `a key has not ${this.by.length} values`;
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

/** The rows of one earlier window that differ from what was said of it before. */
export class Correction<S extends Stat = Stat> implements Table<S> {
  readonly base: LiveTable<S>;
  readonly at: ReadonlyMap<number, number>;
  readonly columns: readonly Cell[][];

  constructor(base: LiveTable<S>, at: ReadonlyMap<number, number>, columns: readonly Cell[][]) {
    this.base = base;
    this.at = at;
    this.columns = columns;
  }
  get size(): number {
    return this.at.size;
  }
  rows(): IterableIterator<number> {
    return this.at.keys();
  }
  get(row: number, stat: S): number | null {
    const at = this.at.get(row);
    return at === undefined ? null : numberOf(this.columns[this.base.fields.indexOf(stat)]?.[at]);
  }
  list(row: number, stat: S): List | null {
    const at = this.at.get(row);
    return at === undefined ? null : listOf(this.columns[this.base.fields.indexOf(stat)]?.[at]);
  }
  tags(row: number): Readonly<Record<string, string>> {
    return this.base.tags(row);
  }
  find(tags: Record<string, string>): number {
    const row = this.base.find(tags);
    return this.at.has(row) ? row : -1;
  }
}

/** One moment of a page of history; its row numbers are the page's own. */
export class Moment<S extends Stat = Stat> implements Table<S> {
  readonly fields: readonly string[];
  readonly by: readonly string[];
  readonly keys: readonly Key[];
  readonly columns: readonly Cell[][][];
  readonly time: number;

  constructor(
    fields: readonly string[],
    by: readonly string[],
    keys: readonly Key[],
    columns: readonly Cell[][][],
    time: number,
  ) {
    this.fields = fields;
    this.by = by;
    this.keys = keys;
    this.columns = columns;
    this.time = time;
  }
  get size(): number {
    return this.keys.length;
  }
  rows(): IterableIterator<number> {
    return this.keys.keys();
  }
  get(row: number, stat: S): number | null {
    return numberOf(this.columns[this.fields.indexOf(stat)]?.[row]?.[this.time]);
  }
  list(row: number, stat: S): List | null {
    return listOf(this.columns[this.fields.indexOf(stat)]?.[row]?.[this.time]);
  }
  tags(row: number): Readonly<Record<string, string>> {
    return tagsOf(this.by, this.keys[row]);
  }
  find(tags: Record<string, string>): number {
    const wanted = keyText(this.by.map((name) => tags[name] ?? ''));
    return this.keys.findIndex((key) => keyText(key) === wanted);
  }
}

function keyText(key: Key): string {
  return JSON.stringify(key);
}

function tagsOf(by: readonly string[], key: Key | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(by.map((name, at) => [name, key?.[at] ?? '']));
}
