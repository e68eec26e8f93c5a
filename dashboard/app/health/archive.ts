// Archive: what /api/v1/status says of the past on disk, in words. Pure.

import { showText } from '../units.ts';

export interface ArchiveStatus {
  state: 'off' | 'ok' | 'degraded' | 'away';
  bytes: number;
  max_bytes: number;
  /** Of the newest, which is not in blocks yet. */
  checkpoint_bytes: number;
  /** Not on disk yet. */
  waiting_bytes: number;
  /** ms since 1970; null where nothing is there. */
  oldest: number | null;
  holes: number;
  holes_ms: number;
  deltas_lost: number;
  shed: number;
}

type Level = 'info' | 'success' | 'warning' | 'error';
const STATES: Record<ArchiveStatus['state'], { level: Level; word: string; meaning: string }> = {
  off: {
    level: 'info',
    word: 'off',
    meaning: 'The past is in memory alone (archive.path is empty).',
  },
  ok: { level: 'success', word: 'writing', meaning: 'The past outlives this gateway.' },
  degraded: {
    level: 'warning',
    word: 'degraded',
    meaning: 'What comes is on disk, but cannot be filed yet; it is tried again.',
  },
  away: {
    level: 'error',
    word: 'away',
    meaning: 'The disk cannot be written: a crash would lose what comes. It is tried again.',
  },
};
export const stateOf = ({ state }: ArchiveStatus) => STATES[state];

/** `12 s`, `3 min`, `5 h`, `2 d`. */
export function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `none`, or how many and how long together. */
export const holesOf = ({ holes, holes_ms }: ArchiveStatus): string =>
  holes === 0 ? 'none' : `${holes}, ${spanOf(holes_ms)} together`;

export const bytesOf = (bytes: number): string => showText(bytes, 'bytes');
