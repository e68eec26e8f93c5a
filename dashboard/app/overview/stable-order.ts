// StableOrder: a ranking that does not flicker: a row overtakes another only when it is clearly greater. Pure.

export interface Ranked {
  name: string;
  value: number;
}
/** Nearer than this, two rows stay as they stand. */
const MARGIN = 1.15;

/** The rows by value, the greatest first; `before` is how their names stood. */
export function ranked<Row extends Ranked>(rows: readonly Row[], before: readonly string[]): Row[] {
  const place = new Map(before.map((name, at) => [name, at]));
  const last = before.length;
  const out = [...rows].sort(
    (a, b) =>
      (place.get(a.name) ?? last) - (place.get(b.name) ?? last) ||
      b.value - a.value ||
      (a.name < b.name ? -1 : 1),
  );
  // Insertion: each climbs past those that it clearly exceeds; new ones need no margin.
  for (let at = 1; at < out.length; at++)
    for (let up = at; up > 0; up--) {
      const [above, row] = [out[up - 1] as Row, out[up] as Row];
      const margin = place.has(row.name) && place.has(above.name) ? MARGIN : 1;
      if (!(row.value > above.value * margin)) break;
      out[up - 1] = row;
      out[up] = above;
    }
  return out;
}
