// Of two who edit one board the second is told, and nothing of his is lost.
import { describe, expect, it } from 'vitest';
import type { Board } from './board.ts';
import { Desk, type Shelf } from './desk.ts';

/** Keeps boards as the gateway does: a version each, and who changes one says which he saw. */
function kept(): Shelf & { boards: Map<string, { board: Board; tag: string }>; isDown: boolean } {
  const boards = new Map<string, { board: Board; tag: string }>();
  let version = 0;
  const shelf = {
    boards,
    isDown: false,
    load: async (id: string) => {
      const found = boards.get(id);
      if (shelf.isDown) return { fault: 'The server does not answer.' };
      return found ? structuredClone(found) : ({ missing: true } as const);
    },
    save: async (id: string, board: Board, tag: string | null) => {
      if (shelf.isDown) return { fault: 'The server does not answer.' };
      if ((boards.get(id)?.tag ?? null) !== tag) return { changed: true } as const;
      boards.set(id, { board: structuredClone(board), tag: `"${++version}"` });
      return { tag: `"${version}"` };
    },
    remove: async (id: string, tag: string) => {
      if (boards.get(id)?.tag !== tag) return { changed: true } as const;
      boards.delete(id);
      return { tag: '' };
    },
  };
  return shelf;
}
const named = (title: string): Board => ({ title, cards: [] });

async function two() {
  const shelf = kept();
  await shelf.save('b', named('Shop'), null);
  const [first, second] = [new Desk('b', shelf), new Desk('b', shelf)];
  await first.load();
  await second.load();
  return { shelf, first, second };
}

describe('a board that two have open', () => {
  it('is the same for both', async () => {
    const { first, second } = await two();
    expect([first.stage.value, first.board.value]).toEqual(['ready', second.board.value]);
  });

  it('that one saves is seen by the other who has changed nothing', async () => {
    const { first, second } = await two();
    first.change(named('Mine'));
    expect(await first.save()).toBe(true);
    await second.look();
    expect([second.board.value.title, second.isBehind.value]).toEqual(['Mine', false]);
  });

  it('that both change is told to the second, before he saves or when he does', async () => {
    for (const looks of [true, false]) {
      const { shelf, first, second } = await two();
      first.change(named('Mine'));
      second.change(named('Theirs'));
      await first.save();
      if (looks) await second.look();
      else expect(await second.save()).toBe(false);
      expect([second.isBehind.value, second.isDirty.value]).toEqual([true, true]);
      expect(second.board.value.title).toBe('Theirs');
      expect(shelf.boards.get('b')?.board.title).toBe('Mine');
    }
  });

  it('can be kept as a copy, or dropped for theirs', async () => {
    const { shelf, first, second } = await two();
    first.change(named('Mine'));
    second.change(named('Theirs'));
    await first.save();
    await second.save();
    const copy = await second.saveCopy();
    expect(shelf.boards.get(copy)?.board.title).toBe('Theirs (copy)');
    await second.load();
    expect([second.board.value.title, second.isBehind.value, second.isDirty.value]).toEqual([
      'Mine',
      false,
      false,
    ]);
  });

  it('is not removed by who has not seen its last change', async () => {
    const { shelf, first, second } = await two();
    first.change(named('Mine'));
    await first.save();
    expect(await second.remove()).toBe(false);
    expect([second.isBehind.value, shelf.boards.size]).toEqual([true, 1]);
    expect(await first.remove()).toBe(true);
  });
});

describe('a board', () => {
  it('that is changed while it is being saved is not all saved', async () => {
    const { first } = await two();
    first.change(named('One'));
    const saving = first.save();
    first.change(named('Two'));
    await saving;
    expect([first.isDirty.value, first.isBehind.value]).toEqual([true, false]);
    expect(await first.save()).toBe(true);
    expect(first.isDirty.value).toBe(false);
  });

  it('that cannot be saved says why, and stays', async () => {
    const { shelf, first } = await two();
    first.change(named('One'));
    shelf.isDown = true;
    expect(await first.save()).toBe(false);
    expect([first.fault.value, first.isDirty.value]).toEqual(['The server does not answer.', true]);
    shelf.isDown = false;
    expect(await first.save()).toBe(true);
    expect(first.fault.value).toBe('');
  });

  it('that is not there says so', async () => {
    const desk = new Desk('none', kept());
    await desk.load();
    expect(desk.stage.value).toBe('missing');
  });
});
