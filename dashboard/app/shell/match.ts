// Match: which names fit what was typed, the best first. Pure. 5,000 names take a few milliseconds.

/** Smaller is better; null: does not fit. The whole text at the start, at the start of a part, anywhere, or its letters in order. */
export function rankOf(name: string, typed: string): number | null {
  const at = name.indexOf(typed);
  if (at === 0) return 0;
  if (at > 0) return /[._:/-]/.test(name[at - 1] as string) ? 1 : 2;
  let place = -1;
  for (const letter of typed) {
    place = name.indexOf(letter, place + 1);
    if (place < 0) return null;
  }
  return 3;
}

/** Every word must fit; ties by length, then by name. */
export function found<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  typed: string,
  most: number,
): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked: { item: T; name: string; rank: number }[] = [];
  for (const item of items) {
    const name = nameOf(item).toLowerCase();
    let rank = 0;
    for (const word of words) {
      const one = rankOf(name, word);
      rank = one === null ? Number.NaN : rank + one;
    }
    if (!Number.isNaN(rank)) ranked.push({ item, name, rank });
  }
  ranked.sort(
    (a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  return ranked.slice(0, most).map(({ item }) => item);
}
