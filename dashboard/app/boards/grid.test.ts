// The grid keeps its promises for any board and any change of it.
import { describe, expect, it } from 'vitest';
import {
  COLUMNS,
  compact,
  type Direction,
  free,
  grow,
  HEIGHT_MAX,
  HEIGHT_MIN,
  overlap,
  type Place,
  put,
  step,
  valid,
  WIDTH_MIN,
} from './grid.ts';

interface Card extends Place {
  name: string;
}
const card = (name: string, x: number, y: number, w: number, h: number): Card => ({
  name,
  x,
  y,
  w,
  h,
});
const whereIs = (cards: readonly Card[], name: string) => {
  const { x, y } = cards.find((one) => one.name === name) as Card;
  return [x, y];
};

/** Small, and the same at each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What is wrong with a board; nothing of a sound one. */
function faultOf(cards: readonly Card[]): string {
  for (const [at, one] of cards.entries()) {
    const { x, y, w, h } = one;
    if (JSON.stringify(valid(one)) !== JSON.stringify({ x, y, w, h }))
      return `${one.name} is outside`;
    for (const other of cards.slice(at + 1))
      if (overlap(one, other)) return `${one.name} lies over ${other.name}`;
    const others = cards.filter((other) => other !== one);
    if (y > 0 && !others.some((other) => overlap({ ...one, y: y - 1 }, other)))
      return `${one.name} could rise`;
  }
  return JSON.stringify(compact(cards)) === JSON.stringify(cards) ? '' : 'not settled';
}
const namesOf = (cards: readonly Card[]) => cards.map(({ name }) => name).join();
const sizesOf = (cards: readonly Card[]) => cards.map(({ w, h }) => `${w}x${h}`).join();

const DIRECTIONS: Direction[] = ['left', 'right', 'up', 'down'];

describe('any change of any board', () => {
  it('leaves no cards over one another, no holes, none outside, none lost', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const below = random(seed);
      const names = Array.from({ length: 1 + below(12) }, (_, at) => `c${at}`);
      let cards = compact(
        names.map((name) => card(name, below(14) - 1, below(20), below(14), below(9))),
      );
      for (let turn = 0; turn < 12; turn++) {
        const told = `seed ${seed}, turn ${turn}: ${JSON.stringify(cards)}`;
        expect(faultOf(cards), told).toBe('');
        expect(namesOf(cards), told).toBe(names.join());
        const at = below(cards.length);
        const one = cards[at] as Card;
        const to = DIRECTIONS[below(4)] as Direction;
        const sizes = sizesOf(cards);
        const what = below(3);
        if (what === 0) cards = put(cards, at, { ...one, x: below(14) - 1, y: below(24) });
        else cards = what === 1 ? step(cards, at, to) : grow(cards, at, to);
        if (what < 2) expect(sizesOf(cards), told).toBe(sizes);
      }
    }
  });

  it('that puts a card where it stands changes nothing', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const below = random(seed);
      const cards = compact(
        Array.from({ length: 8 }, (_, at) =>
          card(`${at}`, below(12), below(9), below(8), below(6)),
        ),
      );
      cards.forEach((one, at) => {
        expect(put(cards, at, one), `seed ${seed}, card ${at}`).toEqual(cards);
      });
    }
  });

  it('puts a card into the column that was asked for', () => {
    const cards = compact([card('a', 0, 0, 4, 2), card('b', 4, 0, 4, 2), card('c', 8, 0, 4, 2)]);
    expect(put(cards, 0, { ...(cards[0] as Card), x: 6 })[0]).toMatchObject({ x: 6, y: 0 });
  });
});

describe('a card that is moved', () => {
  const pile = compact([card('a', 0, 0, 6, 2), card('b', 0, 2, 6, 3), card('c', 6, 0, 6, 2)]);

  it('goes past the one below it at one key', () => {
    const moved = step(pile, 0, 'down');
    expect([whereIs(moved, 'b'), whereIs(moved, 'a')]).toEqual([
      [0, 0],
      [0, 3],
    ]);
    expect(step(moved, 0, 'up')).toEqual(pile);
  });

  it('pushes down what it meets', () => {
    const moved = step(pile, 2, 'left');
    expect(whereIs(moved, 'c')).toEqual([5, 0]);
    expect(whereIs(moved, 'a')).toEqual([0, 2]);
  });

  it('stays where there is nothing further', () => {
    expect(step(pile, 2, 'right')).toEqual(pile);
    expect(step(pile, 0, 'up')).toEqual(pile);
    expect(step(pile, 1, 'down')).toEqual(pile);
  });
});

describe('a size', () => {
  const one = [card('a', 8, 0, 4, HEIGHT_MIN)];
  it('has limits', () => {
    expect(grow(one, 0, 'up')).toEqual(one);
    expect(grow(one, 0, 'right')).toEqual(one);
    let cards = one;
    for (let n = 0; n < 40; n++) cards = grow(grow(cards, 0, 'down'), 0, 'left');
    expect(cards[0]).toMatchObject({ w: WIDTH_MIN, h: HEIGHT_MAX, x: 8 });
  });

  it('of no number is the least', () =>
    expect(valid({ x: Number.NaN, y: -1, w: Number.NaN, h: 1e9 })).toEqual({
      x: 0,
      y: 0,
      w: WIDTH_MIN,
      h: HEIGHT_MAX,
    }));
});

it('a new card takes the first place that is free', () => {
  expect(free([], 4, 3)).toEqual({ x: 0, y: 0, w: 4, h: 3 });
  const cards = [card('a', 0, 0, 4, 4), card('b', 8, 0, 4, 2)];
  expect(free(cards, 4, 3)).toMatchObject({ x: 4, y: 0 });
  expect(free([card('a', 0, 0, COLUMNS, 2)], 4, 3)).toMatchObject({ x: 0, y: 2 });
});
