// The public types of weir-client. Durations go out in ms; rows are numbers that stay the same for a row's life.

export type Duration = number | `${number}${'ms' | 's' | 'm' | 'min' | 'h' | 'd'}`;

export type Stat =
  | 'count'
  | 'rate'
  | 'sum'
  | 'min'
  | 'max'
  | 'mean'
  | 'stddev'
  | 'first'
  | 'last'
  | 'delta'
  | 'distinct'
  | 'ewma'
  | 'zscore'
  | 'buckets'
  | `p${number}`
  | `p${number}_err`;

/** Buckets: [scale, zero_count, first_index, n0, n1, ...]; of values of both signs two such lists, negative ones second. */
export type List = readonly number[] | readonly [readonly number[], readonly number[]];

/** A list is a cell of `buckets`. */
export type Cell = number | null | List;

export type Op = '=' | '!=' | '=~' | '!~' | 'in' | 'nin' | 'exists';

export interface Query<S extends Stat = Stat> {
  /** A metric's name, or a glob: `*` inside one dot segment, `**` any run, `?` one character. */
  metric: string;
  where?: [tag: string, op: Op, value?: string | string[]][];
  by?: string[];
  window?: Duration;
  slide?: Duration;
  stats: readonly S[];
  /** Rows at most; with `order`, as `p99:desc`, the first of them. */
  limit?: number;
  order?: string;
}

export interface SubscribeOptions {
  /** How often at most; the server rounds up to one of its tiers. Default 1s. */
  rate?: Duration;
  /** How much of the past to send first, where the server keeps one. */
  history?: Duration;
  /** In a hidden tab: an update every 10 s (default), none, or as ever. */
  whenHidden?: 'slow' | 'pause' | 'keep';
  /** `sync` (default): at once. `frame`: at most one update for each animation frame, changes merged. */
  deliver?: 'frame' | 'sync';
  signal?: AbortSignal;
}

/** Windows that end in (start, end], in ms since the epoch. */
export interface Span {
  start: number;
  /** Default: now. */
  end?: number;
  /** Default: the query's slide. */
  step?: Duration;
  signal?: AbortSignal;
}

export interface MetaOptions {
  /** Of `metrics` a glob, none: all; of `tags` the metric, a name or a glob. */
  match?: string;
  limit?: number;
  /** `next` of the answer before. */
  after?: string;
  signal?: AbortSignal;
}

/** A page of the past: `c` is [field][row][time]; `ts` are the ends of the windows. */
export interface Range {
  t: 'range';
  id: number;
  fields: string[];
  by: string[];
  k: string[][];
  /** In ms, as evaluated. */
  window: number;
  step: number;
  ts: number[];
  c: Cell[][][];
  next: string | null;
}

/** Of `metrics` an item is { name, kind, series, last_seen }; of `tags` { key, values: [{ value, series }] }. */
export interface Meta {
  t: 'meta';
  id: number;
  what: string;
  items: Record<string, unknown>[];
  next: string | null;
}

export interface Table<S extends Stat = Stat> {
  /** Live rows. */
  readonly size: number;
  rows(): IterableIterator<number>;
  /** null: no value, or no such row. */
  get(row: number, stat: S): number | null;
  /** The cell of `buckets`. */
  list(row: number, stat: S): List | null;
  tags(row: number): Readonly<Record<string, string>>;
  /** The row with exactly these values of `by`, or -1. */
  find(tags: Record<string, string>): number;
}

export interface Update<S extends Stat = Stat> {
  /** `history`: a moment of the past, asked for by `history`. */
  readonly kind: 'snapshot' | 'update' | 'history';
  /** [start, end) in ms since the epoch. */
  readonly window: readonly [start: number, end: number];
  /** An earlier window's last word: `table` then holds only what differs, and the newest table is untouched. */
  readonly final: boolean;
  /** True for a correction of an earlier window, final or not. */
  readonly correction: boolean;
  /** 1, or less where a part of a cluster is missing. */
  readonly coverage: number;
  readonly changed: Uint32Array;
  readonly removed: Uint32Array;
  readonly table: Table<S>;
}

export type SubscriptionState = 'pending' | 'live' | 'stale' | 'closed';

export type State =
  | 'idle'
  | 'connecting'
  | 'authenticating'
  | 'live'
  | 'backoff'
  | 'offline'
  | 'closed';

export type Transport = 'websocket' | 'sse';

export interface WeirOptions {
  /** Asked before each connection, and again when a token was refused. */
  getToken?: () => string | Promise<string>;
  /** Default both: Server-Sent Events when three WebSockets had no welcome, and none ever had. */
  transports?: readonly Transport[];
  backoff?: { baseMs?: number; maxMs?: number };
  /** Told about every fault of the wire and each change of state. */
  log?: (event: string, detail: unknown) => void;
  /** For an environment without its own, as in `new Weir(url, { WebSocket: ws })`. */
  WebSocket?: new (
    url: string,
    protocols?: string | string[],
  ) => WebSocket;
}
