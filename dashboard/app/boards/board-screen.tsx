// BoardScreen: one board: its title, what may be done with it, its cards. `?edit=1` while it is being edited.

import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { go, isBare, search } from '../address.ts';
import { save as saveFile } from '../explore/picture.ts';
import type { Gateway } from '../gateway.ts';
import { Spans } from '../shell/spans.tsx';
import { type BoardCard, SIZES, TITLE_MAX, textOf } from './board.ts';
import { BoardGrid } from './board-grid.tsx';
import { CardForm } from './card-form.tsx';
import { Desk } from './desk.ts';
import { free } from './grid.ts';
import { mayWrite } from './rights.ts';
import * as shelf from './shelf.ts';

const LOOK_MS = 4000;

export function BoardScreen({ gateway, id }: { gateway: Gateway; id: string }) {
  const desk = useMemo(() => new Desk(id, shelf), [id]);
  /** The card whose form is open: its place in the list, or a new one. */
  const form = useSignal<number | 'new' | null>(null);
  useEffect(() => {
    void desk.load();
    const timer = setInterval(() => {
      if (!document.hidden) void desk.look();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [desk]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (desk.isDirty.peek()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [desk]);

  const isEdited = /[?&]edit=1(&|$)/.test(search.value) && mayWrite() && !isBare();
  const board = desk.board.value;
  if (desk.stage.value !== 'ready')
    return (
      <section class="group">
        <h1>Dashboard</h1>
        <p class={desk.fault.value ? 'fault' : 'note'} role="status" data-testid="no-board">
          {desk.fault.value ||
            (desk.stage.value === 'missing'
              ? 'There is no such dashboard. It may have been removed.'
              : 'Loading')}
        </p>
      </section>
    );
  const put = (card: BoardCard) => {
    const at = form.value;
    const cards = [...board.cards];
    if (typeof at === 'number') cards[at] = card;
    else {
      const { w, h } = SIZES[card.kind];
      cards.push({ ...card, ...free(cards, w, h) });
    }
    desk.change({ ...board, cards });
    form.value = null;
  };
  return (
    <section class="group board" data-testid="board" data-dirty={desk.isDirty.value}>
      {isBare() ? (
        <h1>{board.title}</h1>
      ) : (
        <Bar desk={desk} isEdited={isEdited} add={() => (form.value = 'new')} />
      )}
      {desk.isBehind.value && <Behind desk={desk} />}
      {desk.fault.value && (
        <p class="fault" role="alert">
          {desk.fault.value}
        </p>
      )}
      {board.cards.length === 0 && (
        <p class="note">
          {isEdited ? 'No cards yet. Add the first one.' : 'This dashboard has no cards.'}
        </p>
      )}
      <BoardGrid
        gateway={gateway}
        cards={board.cards}
        isEdited={isEdited}
        change={(cards) => desk.change({ ...board, cards })}
        edit={(at) => (form.value = at)}
      />
      {form.value !== null && (
        <CardForm
          gateway={gateway}
          card={form.value === 'new' ? null : (board.cards[form.value] ?? null)}
          done={put}
          cancel={() => (form.value = null)}
        />
      )}
    </section>
  );
}

interface BarProps {
  desk: Desk;
  isEdited: boolean;
  add: () => void;
}

function Bar({ desk, isEdited, add }: BarProps) {
  const board = desk.board.value;
  const address = `/boards/${desk.id}`;
  return (
    <div class="board-bar">
      <h1 class={isEdited ? 'unseen' : undefined}>{board.title}</h1>
      {isEdited && (
        <label class="board-title">
          Title
          <input
            value={board.title}
            maxLength={TITLE_MAX / 4}
            onInput={(event) => desk.change({ ...board, title: event.currentTarget.value })}
          />
        </label>
      )}
      <Spans />
      {isEdited && (
        <button type="button" class="small" onClick={add}>
          Add a card
        </button>
      )}
      {isEdited && (
        <button
          type="button"
          class="main-button"
          disabled={!desk.isDirty.value}
          onClick={() => void desk.save()}
        >
          {desk.isDirty.value ? 'Save' : 'Saved'}
        </button>
      )}
      {isEdited ? (
        <button type="button" class="small" onClick={() => go(address)}>
          Done
        </button>
      ) : (
        mayWrite() && (
          <button type="button" class="small" onClick={() => go(`${address}?edit=1`)}>
            Edit
          </button>
        )
      )}
      <button
        type="button"
        class="small"
        onClick={() =>
          saveFile(new Blob([textOf(board)], { type: 'application/json' }), `${desk.id}.json`)
        }
      >
        Export
      </button>
      {isEdited && <Remove desk={desk} />}
    </div>
  );
}

/** Asks once more, in its own place. */
function Remove({ desk }: { desk: Desk }) {
  const isSure = useSignal(false);
  const remove = async () => {
    if (!isSure.value) {
      isSure.value = true;
      return;
    }
    if (await desk.remove()) go('/boards');
    isSure.value = false;
  };
  return (
    <button
      type="button"
      class="small"
      onClick={() => void remove()}
      onBlur={() => {
        isSure.value = false;
      }}
    >
      {isSure.value ? 'Remove it for good' : 'Remove'}
    </button>
  );
}

function Behind({ desk }: { desk: Desk }) {
  const copy = async () => {
    const id = await desk.saveCopy();
    if (!id) return;
    desk.isDirty.value = false;
    go(`/boards/${id}`);
  };
  return (
    <div class="behind" role="alert" data-testid="behind">
      <p>
        <b>Somebody else has changed this dashboard.</b> Your changes are not saved, and theirs are
        not shown here.
      </p>
      <button type="button" class="small" onClick={() => void desk.load()}>
        Show theirs, drop mine
      </button>
      <button type="button" class="small" onClick={() => void copy()}>
        Save mine as a copy
      </button>
    </div>
  );
}
