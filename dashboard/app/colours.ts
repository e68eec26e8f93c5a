// A colour belongs to a tag value, by hash: the same in every chart and after every reload, never by rank.

const SERIES = {
  dark: ['#5c72f1', '#f59f0a', '#14d4ba', '#b45680', '#a99bfd', '#f2e45b', '#e45613', '#abe5fe'],
  light: ['#2a2fc4', '#e36404', '#0da3a8', '#65004a', '#9156f0', '#675217', '#ba246f', '#096fa7'],
} as const;

export type Theme = keyof typeof SERIES;

/** FNV-1a over the UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export interface Stroke {
  colour: string;
  /** From the fifth colour on lines are also dashed, for eyes that do not tell colours apart. */
  dashed: boolean;
}

/** `names` share a chart: two that hash alike take the next free colour, in the order of the names. */
export function strokes(names: readonly string[], theme: Theme): Map<string, Stroke> {
  const taken = new Set<number>();
  const out = new Map<string, Stroke>();
  for (const name of [...names].sort()) {
    let at = hash(name) % 8;
    if (taken.size < 8) while (taken.has(at)) at = (at + 1) % 8;
    taken.add(at);
    out.set(name, { colour: SERIES[theme][at] as string, dashed: at >= 4 });
  }
  return out;
}
