// What the server says, as it stands on the wire (protocol weir.v1.json).

export type Cell = number | null;

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
  f?: 1;
  rev?: number;
  cov?: number;
}

export interface Range {
  t: 'range';
  id: number;
  fields: string[];
  by: string[];
  k: string[][];
  ts: number[];
  c: Cell[][][];
  next: string | null;
}

export type ServerMessage =
  | { t: 'welcome'; v: number; epoch: string; session: string; now: number; rates: number[] }
  | Subd
  | Snap
  | U
  | Range
  | { t: 'gap'; ch: number; from: number; to: number; why: string; next: string }
  | { t: 'paused'; id: number; why: string }
  | { t: 'hb'; now: number }
  | { t: 'err'; id?: number; code: string; n: number; msg: string; retry: boolean }
  | { t: 'unsubd'; id: number; code: string }
  | { t: 'pong'; n: number }
  | { t: 'expiring'; in: number }
  | { t: 'bye'; why: string; after: [number, number] };

/** null for what is no message of ours: it is counted and left alone. */
export function parseMessage(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    if (
      typeof message === 'object' &&
      message !== null &&
      typeof (message as { t?: unknown }).t === 'string'
    )
      return message as ServerMessage;
  } catch {
    // not JSON: the same as an unknown message
  }
  return null;
}
