// Fold: which lines of a chart are drawn. More than fit: the seven with the greatest newest values, and the others as one
// line where the statistic can be added up from its parts. Who is drawn stays, until another is clearly greater.

import type { Stat } from '../../client/index.ts';

export type Line = readonly (number | null)[];
export interface Folded {
  /** By name; `other` is the last of them, where it can be told. */
  lines: Map<string, Line>;
  /** How many lines `other` stands for, or how many are not drawn. */
  others: number;
  /** What `other` is of them; nothing where that cannot be told from the parts (a quantile, a mean). */
  how: 'sum' | 'max' | 'min' | '';
}

export const LINES_MAX = 8;
const KEPT_MAX = LINES_MAX - 1;
/** So much greater than one that is drawn must be who takes its place. */
const CLEARLY = 1.1;
export const OTHER = 'other';

const HOW: Partial<Record<Stat, Folded['how']>> = {
  rate: 'sum',
  count: 'sum',
  sum: 'sum',
  delta: 'sum',
  max: 'max',
  min: 'min',
};
const PUT = {
  sum: (a: number, b: number) => a + b,
  max: Math.max,
  min: Math.min,
};

const newest = (line: Line | undefined) => line?.at(-1) ?? Number.NEGATIVE_INFINITY;

export class Fold {
  #kept: string[] = [];
  readonly #stat: Stat;

  constructor(stat: Stat) {
    this.#stat = stat;
  }

  of(lines: ReadonlyMap<string, Line>): Folded {
    if (lines.size <= LINES_MAX) return { lines: new Map(lines), others: 0, how: '' };
    this.#choose(lines);
    const drawn = new Map(this.#kept.map((name) => [name, lines.get(name) as Line]));
    const how = HOW[this.#stat] ?? '';
    const rest = [...lines].filter(([name]) => !drawn.has(name)).map(([, line]) => line);
    // A tag's own value of that name keeps it.
    if (how && !drawn.has(OTHER)) drawn.set(OTHER, together(rest, PUT[how]));
    return { lines: drawn, others: rest.length, how };
  }

  #choose(lines: ReadonlyMap<string, Line>): void {
    const value = (name: string) => newest(lines.get(name));
    const byValue = (a: string, b: string) => value(b) - value(a) || (a < b ? -1 : 1);
    this.#kept = this.#kept.filter((name) => lines.has(name));
    const waiting = [...lines.keys()].filter((name) => !this.#kept.includes(name)).sort(byValue);
    for (const name of waiting) {
      if (this.#kept.length < KEPT_MAX) {
        this.#kept.push(name);
        continue;
      }
      const worst = [...this.#kept].sort(byValue).at(-1) as string;
      const bar = value(worst) > 0 ? value(worst) * CLEARLY : value(worst);
      if (!(value(name) > bar)) break;
      this.#kept[this.#kept.indexOf(worst)] = name;
    }
  }
}

function together(lines: readonly Line[], put: (a: number, b: number) => number): Line {
  const length = lines[0]?.length ?? 0;
  const out: (number | null)[] = new Array(length).fill(null);
  for (const line of lines)
    for (let at = 0; at < length; at++) {
      const value = line[at] ?? null;
      const before = out[at] ?? null;
      if (value !== null) out[at] = before === null ? value : put(before, value);
    }
  return out;
}
