// The rows of a legend: the lines that are drawn, with their values at the moment that is pointed at, else their newest. Pure.

import type { Folded } from './fold.ts';
import { placeAt } from './pointing.ts';

export interface LegendRows {
  rows: { name: string; value: number | null }[];
  others: number;
  how: string;
}

/** `times` in seconds; `moment` in ms, null where nothing is pointed at. */
export function legendRows(
  { lines, others, how }: Folded,
  times: readonly number[],
  moment: number | null,
): LegendRows {
  const place = moment === null ? -1 : placeAt(times, moment);
  const rows = [...lines].map(([name, line]) => ({
    name,
    value: (place < 0 ? line.findLast((value) => value !== null) : line[place]) ?? null,
  }));
  rows.sort(
    (a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity) || (a.name < b.name ? -1 : 1),
  );
  return { rows, others, how };
}
