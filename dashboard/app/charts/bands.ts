// Bands: the rows of a heatmap, made of the cells of `buckets` ([scale, zero_count, first_index, n0, n1, ...]). Bucket i at
// scale s holds the values of (2^(i/2^s), 2^((i+1)/2^s)]. A band is a bucket of a coarser scale, which is a run of whole
// finer buckets: cells are put into bands exactly, whatever their scales, and no count is lost or split. Pure.

import type { List } from '../../client/index.ts';

/** Of one sign. */
interface Run {
  sign: 1 | -1;
  scale: number;
  zeros: number;
  first: number;
  counts: readonly number[];
}

/**
 * Rows stand in the order of their values: negative buckets, zero, positive buckets. A row has a key: 0 is zero, k > 0 the
 * positive bucket base + k - 1, k < 0 the negative bucket base - k - 1. Row 0 has key `first`, the highest has key `last`.
 */
export interface Bands {
  readonly scale: number;
  readonly base: number;
  readonly first: number;
  readonly last: number;
}
export interface Bounds {
  /** Exclusive for positive values, inclusive for negative ones. */
  low: number;
  high: number;
}

/** All doubles fit into a few buckets here. */
const SCALE_MIN = -11;
/** Fewer octaves than this would show the sketch's own grain. */
const OCTAVES_MIN = 2;

export const rowsOf = (bands: Bands): number => bands.last - bands.first + 1;

const isPair = (list: List): list is readonly [readonly number[], readonly number[]] =>
  Array.isArray(list[0]);

function runOf(numbers: readonly number[], sign: 1 | -1): Run {
  const [scale = 0, zeros = 0, first = 0, ...counts] = numbers;
  return { sign, scale, zeros, first, counts };
}

const runsOf = (list: List): Run[] =>
  isPair(list) ? [runOf(list[0], 1), runOf(list[1], -1)] : [runOf(list as readonly number[], 1)];

/** The bucket of a coarser scale that holds this one: a shift that rounds down, for any distance. */
const coarser = (index: number, from: number, to: number) => Math.floor(index / 2 ** (from - to));

interface Range {
  low: number;
  high: number;
}
const NOTHING: Range = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
const isSome = (range: Range) => range.low <= range.high;

/** The buckets of one sign that hold something, at this scale. */
function rangeOf(runs: readonly Run[], sign: 1 | -1, scale: number): Range {
  const range = { ...NOTHING };
  for (const run of runs) {
    if (run.sign !== sign) continue;
    const low = run.counts.findIndex((count) => count > 0);
    if (low < 0) continue;
    const high = run.counts.findLastIndex((count) => count > 0);
    range.low = Math.min(range.low, coarser(run.first + low, run.scale, scale));
    range.high = Math.max(range.high, coarser(run.first + high, run.scale, scale));
  }
  return range;
}

function bandsOf(scale: number, positive: Range, negative: Range, zero: boolean): Bands {
  const base = Math.min(positive.low, negative.low);
  const last = isSome(positive) ? positive.high - base + 1 : zero ? 0 : base - negative.low - 1;
  const first = isSome(negative) ? base - negative.high - 1 : zero ? 0 : positive.low - base + 1;
  return { scale, base: Number.isFinite(base) ? base : 0, first, last };
}

/** At least so many buckets, the same number more on either side. */
function widened(range: Range, scale: number): Range {
  if (!isSome(range)) return range;
  const missing = OCTAVES_MIN * 2 ** scale - (range.high - range.low + 1);
  const each = Math.max(0, Math.ceil(missing / 2));
  return { low: range.low - each, high: range.high + each };
}

const keyOf = (bands: Bands, bucket: number) => bucket - bands.base + 1;

/** Whether all that is needed, of the same scale, lies within these bands and fills more than half of them. */
function suits(bands: Bands, needed: Bands): boolean {
  const keyHere = (key: number) => key + Math.sign(key) * (needed.base - bands.base);
  return (
    needed.base >= bands.base &&
    keyHere(needed.first) >= bands.first &&
    keyHere(needed.last) <= bands.last &&
    rowsOf(needed) * 2 > rowsOf(bands)
  );
}

/**
 * The bands for these cells: of the finest scale at which all fit into `rows`. `before`, those of the picture that was, stay
 * while they suit, so that a live picture does not jump. Without anything but empty cells: null.
 */
export function fit(cells: readonly List[], rows: number, before: Bands | null): Bands | null {
  const runs = cells.flatMap(runsOf);
  const zero = runs.some((run) => run.zeros > 0);
  let scale = Math.min(...runs.map((run) => run.scale));
  if (!zero && !runs.some((run) => run.counts.some((count) => count > 0))) return null;
  const at = (scale: number) => {
    const wide = (sign: 1 | -1) => widened(rangeOf(runs, sign, scale), scale);
    return bandsOf(scale, wide(1), wide(-1), zero);
  };
  if (before && before.scale <= scale && suits(before, at(before.scale))) return before;
  let bands = at(scale);
  while (rowsOf(bands) > rows && scale > SCALE_MIN) bands = at(--scale);
  return bands;
}

/** Adds the cell's counts to `counts`, row 0 at `offset`. What lies beyond the bands goes to the outermost row. */
export function tally(bands: Bands, list: List, counts: Float64Array, offset: number): void {
  const add = (key: number, count: number) => {
    const row = Math.min(Math.max(key, bands.first), bands.last) - bands.first;
    counts[offset + row] = (counts[offset + row] ?? 0) + count;
  };
  for (const run of runsOf(list)) {
    if (run.zeros > 0) add(0, run.zeros);
    run.counts.forEach((count, at) => {
      if (count <= 0) return;
      const bucket = coarser(run.first + at, run.scale, bands.scale);
      add(run.sign * Math.max(keyOf(bands, bucket), 1), count);
    });
  }
}

/** All that a cell counts. */
export function totalOf(list: List): number {
  let total = 0;
  for (const run of runsOf(list))
    total += run.counts.reduce((sum, count) => sum + count, run.zeros);
  return total;
}

const edgeOf = (bands: Bands, bucket: number) => 2 ** (bucket / 2 ** bands.scale);

export function boundsOf(bands: Bands, row: number): Bounds {
  const key = bands.first + row;
  if (key === 0) return { low: 0, high: 0 };
  const bucket = bands.base + Math.abs(key) - 1;
  const [inner, outer] = [edgeOf(bands, bucket), edgeOf(bands, bucket + 1)];
  return key > 0 ? { low: inner, high: outer } : { low: -outer, high: -inner };
}

/** Where a value stands, in rows from the bottom: 0 is the lower edge of row 0. */
export function placeOf(bands: Bands, value: number): number {
  if (value === 0) return 0.5 - bands.first;
  const out = Math.log2(Math.abs(value)) * 2 ** bands.scale - bands.base;
  return (value > 0 ? 1 + out : -out) - bands.first;
}

/** The value at a place; what placeOf undoes. */
export function valueAt(bands: Bands, place: number): number {
  const key = place + bands.first;
  if (key >= 0 && key < 1) return 0;
  const out = key >= 1 ? key - 1 : -key;
  return Math.sign(key) * edgeOf(bands, bands.base + out);
}
