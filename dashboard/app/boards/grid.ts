// Grid: where the cards of a board stand: 12 columns, rows from the top, no two over one another, no hole above a card that
// it could rise into. Pure: each change gives a new list, in the same order.

export const COLUMNS = 12;
/** Smaller shows nothing, higher is no card. */
export const WIDTH_MIN = 2;
export const HEIGHT_MIN = 2;
export const HEIGHT_MAX = 24;
/** The bottom of the lowest card: the steps of a card that goes down are bounded by it. */
const ROWS_MAX = 10_000;

export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

const clamp = (value: number, low: number, high: number) =>
  Math.min(Math.max(Math.round(value) || 0, low), high);

/** The nearest place that is one. */
export function valid({ x, y, w, h }: Place): Place {
  const width = clamp(w, WIDTH_MIN, COLUMNS);
  return {
    x: clamp(x, 0, COLUMNS - width),
    y: clamp(y, 0, ROWS_MAX),
    w: width,
    h: clamp(h, HEIGHT_MIN, HEIGHT_MAX),
  };
}

export const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

const isFree = (place: Place, taken: readonly Place[]) => !taken.some((one) => overlap(place, one));

/** From the top, left to right; of two at one place the first of the list. */
const inOrder = (places: readonly Place[]) =>
  [...places.keys()].sort((a, b) => {
    const [one, two] = [places[a] as Place, places[b] as Place];
    return one.y - two.y || one.x - two.x || a - b;
  });

/** The same card at the row where it is free: the first from `y` on. */
function sunk(place: Place, taken: readonly Place[]): Place {
  let at = place;
  for (;;) {
    const under = taken.filter((one) => overlap(at, one));
    if (under.length === 0) return at;
    at = { ...at, y: Math.min(...under.map(({ y, h }) => y + h)) };
  }
}

/** As high as it can be: only what stands above it is in its way. */
function risen(place: Place, taken: readonly Place[]): Place {
  let at = place;
  while (at.y > 0 && isFree({ ...at, y: at.y - 1 }, taken)) at = { ...at, y: at.y - 1 };
  return at;
}

/** Every card risen as far as it goes, the topmost first; those that lie over another sink first. */
export function compact<T extends Place>(cards: readonly T[]): T[] {
  const places = cards.map(valid);
  const done: Place[] = [];
  const found = new Map<number, Place>();
  for (const at of inOrder(places)) {
    const place = risen(sunk(places[at] as Place, done), done);
    done.push(place);
    found.set(at, place);
  }
  return cards.map((card, at) => ({ ...card, ...found.get(at) }));
}

/** Card `at` goes to this place; what it would lie over gives way downwards, what it leaves is filled from below. */
export function put<T extends Place>(cards: readonly T[], at: number, wanted: Place): T[] {
  const card = cards[at];
  if (!card) return [...cards];
  const place = valid(wanted);
  const rest = cards.filter((_, other) => other !== at);
  // Downwards it goes past what rises into its place.
  const others = place.y > card.y ? compact(rest) : rest;
  const done: Place[] = [place];
  const pushed = new Map<number, Place>();
  for (const other of inOrder(others)) {
    const there = sunk(others[other] as Place, done);
    done.push(there);
    pushed.set(other, there);
  }
  // Of two in one row the one that was moved is the first.
  const first = { ...card, ...place };
  const [moved, ...settled] = compact([
    first,
    ...others.map((one, other) => ({ ...one, ...pushed.get(other) })),
  ]);
  settled.splice(at, 0, moved as T);
  return settled;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** One step with the keys: to the next place in this direction that changes anything; the same list where there is none. */
export function step<T extends Place>(cards: readonly T[], at: number, to: Direction): T[] {
  const card = cards[at];
  if (!card) return [...cards];
  if (to === 'left' || to === 'right')
    return put(cards, at, { ...card, x: card.x + (to === 'left' ? -1 : 1) });
  const bottom = Math.max(...cards.map(({ y, h }) => y + h));
  const before = JSON.stringify(cards);
  const sign = to === 'up' ? -1 : 1;
  for (let y = card.y + sign; y >= 0 && y <= bottom; y += sign) {
    const next = put(cards, at, { ...card, y });
    if (JSON.stringify(next) !== before) return next;
  }
  return [...cards];
}

/** Shift with the keys: the right and the lower edge. */
export function grow<T extends Place>(cards: readonly T[], at: number, to: Direction): T[] {
  const card = cards[at];
  if (!card) return [...cards];
  const wide = { left: -1, right: 1, up: 0, down: 0 }[to];
  const high = { left: 0, right: 0, up: -1, down: 1 }[to];
  const w = Math.min(card.w + wide, COLUMNS - card.x);
  return put(cards, at, { ...card, w, h: card.h + high });
}

/** Where a new card of this size stands: the first free place from the top. */
export function free(cards: readonly Place[], w: number, h: number): Place {
  const size = valid({ x: 0, y: 0, w, h });
  const bottom = Math.max(0, ...cards.map((card) => card.y + card.h));
  for (let y = 0; y < bottom; y++)
    for (let x = 0; x + size.w <= COLUMNS; x++)
      if (isFree({ ...size, x, y }, cards)) return { ...size, x, y };
  return { ...size, y: bottom };
}
