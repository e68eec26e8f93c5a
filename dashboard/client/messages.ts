// What the server says, as it stands on the wire (protocol weir.v1.json).

import type { Cell, Meta, Range } from './types.ts';

/** Which rows have a mark: gauges that only keep their last value, sums that left the doubles. */
export type Marks = { stale?: number[]; overflow?: number[] };

export interface Subd {
  t: 'subd';
  id: number;
  ch: number;
  epoch: string;
  mode: 'snapshot' | 'replay';
  why?: string;
  rate: number;
  window: number;
  slide: number;
  fields: string[];
  by: string[];
}

export interface Snap {
  t: 'snap';
  ch: number;
  s: number;
  w: [number, number];
  n: number;
  i?: number[];
  k: string[][];
  c: Cell[][];
  m?: Marks;
  part?: [number, number];
  rebase?: 1;
  cov?: number;
}

export interface U {
  t: 'u';
  ch: number;
  s: number;
  w: [number, number];
  n?: number;
  x?: number[];
  d?: { i: number[]; k: string[][] };
  i: number[];
  c: Cell[][];
  m?: Marks;
  f?: 1;
  rev?: number;
  cov?: number;
}

export type ServerMessage =
  | { t: 'welcome'; v: number; epoch: string; session: string; now: number; rates: number[] }
  | Subd
  | Snap
  | U
  | Range
  | Meta
  | { t: 'gap'; ch: number; from: number; to: number; why: string; next: string }
  | { t: 'paused'; id: number; why: string }
  | { t: 'hb'; now: number }
  | { t: 'err'; id?: number; code: string; n: number; msg: string; retry: boolean }
  | { t: 'unsubd'; id: number; code?: string }
  | { t: 'pong'; n: number }
  | { t: 'expiring'; in: number }
  | { t: 'bye'; why: string; after: [number, number] };

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown) => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isPair = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] <= value[1];
const isList = Array.isArray;
const orNone = (test: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || test(value);

/** What must be right in each message before anybody looks at it; the columns of frames are the table's to check. */
const HOT = { ch: isCount, s: isCount, w: isPair };
const SHAPES: Record<string, Record<string, (value: unknown) => boolean>> = {
  snap: { ...HOT, k: isList, part: orNone(isPair) },
  u: HOT,
  subd: { id: isCount, ch: isCount, epoch: isText, fields: isTexts, by: isTexts },
  welcome: { now: isCount },
  gap: { ch: isCount },
  hb: { now: isCount },
  err: { id: orNone(isCount), code: isText, n: isCount, msg: isText },
  unsubd: { code: orNone(isText) },
  bye: { after: isPair },
  range: { id: isCount, fields: isTexts, by: isTexts, k: isList, ts: isList, c: isList },
  meta: { id: isCount, items: isList },
};

/** null for what is no message, or is one with a wrong field: counted, and left alone. Unknown types pass. */
export function parseMessage(data: unknown): ServerMessage | null {
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(data as string);
  } catch {
    return null;
  }
  if (typeof message?.t !== 'string') return null;
  const shape = Object.hasOwn(SHAPES, message.t) ? Object.entries(SHAPES[message.t] ?? {}) : [];
  return shape.every(([field, test]) => test(message[field]))
    ? (message as unknown as ServerMessage)
    : null;
}
