// A board of a file is read whole or refused with the place that is wrong.
import { describe, expect, it } from 'vitest';
import { type Board, newId, readBoard, textOf } from './board.ts';

const BOARD: Board = {
  title: 'Shop',
  cards: [
    {
      x: 0,
      y: 0,
      w: 6,
      h: 4,
      title: 'Latency',
      metric: 'http.latency',
      by: ['route'],
      where: [['env', '=', 'prod']],
      stat: 'p99',
      kind: 'line',
      threshold: { warn: 200, crit: 500, above: true },
    },
    { x: 6, y: 0, w: 6, h: 4, metric: 'orders', stat: 'rate', kind: 'number' },
  ],
};
const withCard = (more: Record<string, unknown>) =>
  readBoard(JSON.stringify({ title: '', cards: [{ ...BOARD.cards[1], ...more }] }));

describe('a board', () => {
  it('comes back as it was, with what is not known here', () => {
    const more = { ...BOARD, note: { by: 'ops' } };
    expect(readBoard(textOf(more))).toEqual(more);
  });

  it('has its cards in the order in which they stand, and none over another', () => {
    const [first, second] = BOARD.cards;
    const board = readBoard(
      JSON.stringify({ title: '', cards: [second, first, { ...first, y: 2 }] }),
    );
    expect((board as Board).cards.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [6, 0],
      [0, 4],
    ]);
  });

  it('may leave out by null what may be left out', () => {
    expect(withCard({ title: null, by: null, where: null, threshold: null })).toEqual({
      title: '',
      cards: [{ ...BOARD.cards[1], x: 6 }],
    });
  });

  it('that is wrong is refused with the place', () => {
    for (const [more, place] of [
      [{ x: -1 }, 'cards[0].x'],
      [{ w: 1.5 }, 'cards[0].w'],
      [{ x: 8 }, 'cards[0]'],
      [{ metric: '' }, 'cards[0].metric'],
      [{ metric: 'x'.repeat(256) }, 'cards[0].metric'],
      [{ stat: 'p101' }, 'cards[0].stat'],
      [{ kind: 'pie' }, 'cards[0].kind'],
      [{ title: 7 }, 'cards[0].title'],
      [{ by: [''] }, 'cards[0].by'],
      [{ by: 'route' }, 'cards[0].by'],
      [{ where: {} }, 'cards[0].where'],
      [{ threshold: 5 }, 'cards[0].threshold'],
      [{ threshold: { warn: '5' } }, 'cards[0].threshold.warn'],
      [{ threshold: { above: 1 } }, 'cards[0].threshold.above'],
    ] as const)
      expect(withCard(more), JSON.stringify(more)).toMatch(
        new RegExp(`^${place.replace(/[[\].]/g, '\\$&')}: want`),
      );
    for (const text of [
      '',
      '[]',
      '{}',
      '{"title":1,"cards":[]}',
      '{"title":"","cards":{}}',
      'null',
    ])
      expect(typeof readBoard(text), text).toBe('string');
    expect(readBoard(`{"title":"${'ü'.repeat(101)}","cards":[]}`)).toMatch(/^title: want/);
    expect(readBoard(' '.repeat(300_000))).toMatch(/too large/);
    const many = JSON.stringify({ title: '', cards: Array(201).fill(BOARD.cards[1]) });
    expect(readBoard(many)).toMatch(/^cards: want at most 200/);
  });
});

it('an id speaks, and is what the gateway takes', () => {
  expect(newId('Checkout (EU)', () => 0.5)).toBe('checkout-eu-800000');
  for (const title of ['', '///', 'ÄÖÜ', 'x'.repeat(300), '-a-'])
    expect(newId(title, () => 0.999999)).toMatch(/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/);
});
