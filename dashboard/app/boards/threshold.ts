// Threshold: what a value is against the limits of a card. Pure.

import { showText, type Unit } from '../units.ts';
import type { Threshold } from './board.ts';

export type Level = 'ok' | 'warn' | 'crit';
export interface Judged {
  level: Level;
  /** "over 300 ms"; empty where all is well. */
  text: string;
}

const WELL: Judged = { level: 'ok', text: '' };

/** Of several values the worst decides. */
export function judge(
  values: readonly (number | null)[],
  threshold: Threshold | undefined,
  unit: Unit,
): Judged {
  if (!threshold) return WELL;
  const above = threshold.above ?? true;
  const beyond = (limit: number) =>
    values.some((value) => value !== null && (above ? value > limit : value < limit));
  for (const level of ['crit', 'warn'] as const) {
    const limit = threshold[level];
    if (limit !== undefined && beyond(limit))
      return { level, text: `${above ? 'over' : 'under'} ${showText(limit, unit)}` };
  }
  return WELL;
}

export const MARKS: Record<Level, string> = { ok: '', warn: '◆', crit: '▲' };
