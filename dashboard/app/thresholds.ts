// Thresholds: which of the configured ones a card stands under, and whether its lines passed one. Pure.

import type { Threshold } from './gateway.ts';
import { showText, type Unit } from './units.ts';

/** A line, or a tile, by its newest value. */
interface Row {
  name: string;
  value: number | null;
}
export interface Passed {
  level: 'warn' | 'crit';
  value: number;
  above: boolean;
  /** The lines that passed it. */
  names: string[];
}

export const thresholdOf = (
  all: readonly Threshold[],
  metric: string,
  stat: string,
): Threshold | undefined => all.find((one) => one.metric === metric && one.stat === stat);

/** `over 300 ms`, and the shape that says how grave it is. */
export function overOf(
  { level, value, above }: Passed,
  unit: Unit,
): { shape: string; text: string } {
  return {
    shape: level === 'crit' ? '▲' : '◆',
    text: `${above ? 'over' : 'under'} ${showText(value, unit)}`,
  };
}

/** The gravest that any line passed. */
export function passedBy(rows: readonly Row[], threshold: Threshold | undefined): Passed | null {
  if (!threshold) return null;
  const { above } = threshold;
  for (const level of ['crit', 'warn'] as const) {
    const value = threshold[level] ?? null;
    if (value === null) continue;
    const names = rows
      .filter((row) => row.value !== null && (above ? row.value > value : row.value < value))
      .map(({ name }) => name);
    if (names.length > 0) return { level, value, above, names };
  }
  return null;
}
