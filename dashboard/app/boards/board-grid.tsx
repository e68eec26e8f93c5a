// BoardGrid: the cards where they stand. While it is edited a card is moved by its bar and resized by its corner, with the
// pointer or with keys: arrows move, shift and arrows resize, and where it stands then is said.

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isOnWall } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { type BoardCard, placeText, titleOf } from './board.ts';
import { CardFrame } from './card-frame.tsx';
import { COLUMNS, type Direction, grow, put, step } from './grid.ts';

/** As in boards.css. */
const ROW = 56;
const GAP = 12;
const KEYS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

interface Props {
  gateway: Gateway;
  cards: BoardCard[];
  isEdited: boolean;
  change: (cards: BoardCard[]) => void;
  edit: (at: number) => void;
}

interface Drag {
  at: number;
  how: 'move' | 'size';
  /** Where it began: the pointer, and the cards. */
  x: number;
  y: number;
  cards: BoardCard[];
}

/** The cards when the pointer has moved so far. */
function dragged({ at, how, cards, x, y }: Drag, event: PointerEvent, width: number): BoardCard[] {
  const card = cards[at] as BoardCard;
  const right = Math.round((event.clientX - x) / ((width + GAP) / COLUMNS));
  const down = Math.round((event.clientY - y) / (ROW + GAP));
  return how === 'move'
    ? put(cards, at, { ...card, x: card.x + right, y: Math.max(0, card.y + down) })
    : put(cards, at, { ...card, w: Math.min(card.w + right, COLUMNS - card.x), h: card.h + down });
}

export function BoardGrid({ gateway, cards, isEdited, change, edit }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const said = useSignal('');
  const drag = useRef<Drag | null>(null);

  const say = (list: readonly BoardCard[], at: number) => {
    const card = list[at];
    said.value = card ? `${titleOf(card)}: ${placeText(card)}` : '';
  };
  const begin = (at: number, how: Drag['how']) => (event: PointerEvent) => {
    if (event.button !== 0) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.current = { at, how, x: event.clientX, y: event.clientY, cards };
  };
  const move = (event: PointerEvent) => {
    if (drag.current) change(dragged(drag.current, event, place.current?.clientWidth ?? 0));
  };
  const end = () => {
    if (drag.current) say(cards, drag.current.at);
    drag.current = null;
  };
  const key = (at: number) => (event: KeyboardEvent) => {
    const to = KEYS[event.key];
    if (!to || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = event.shiftKey ? grow(cards, at, to) : step(cards, at, to);
    change(next);
    say(next, at);
  };
  const remove = (at: number) => {
    said.value = `${titleOf(cards[at] as BoardCard)} is removed`;
    change(cards.filter((_, other) => other !== at));
  };
  return (
    <>
      <div class="board-scroll">
        <div
          ref={place}
          class={isEdited ? 'board-grid edited' : 'board-grid'}
          data-testid="board-grid"
          style={isOnWall() ? { '--rows': Math.max(1, ...cards.map(({ y, h }) => y + h)) } : {}}
          onPointerMove={move}
          onPointerUp={end}
          onPointerCancel={end}
        >
          {cards.map((card, at) => (
            <CardFrame
              // A card has no name of its own: what it shows is what it is.
              key={`${at} ${card.kind} ${card.metric}`}
              gateway={gateway}
              card={card}
              handles={
                isEdited
                  ? {
                      move: begin(at, 'move'),
                      size: begin(at, 'size'),
                      key: key(at),
                      edit: () => edit(at),
                      remove: () => remove(at),
                    }
                  : null
              }
            />
          ))}
        </div>
      </div>
      <p class="unseen" role="status" data-testid="said">
        {said.value}
      </p>
    </>
  );
}
