// Desk: one board that is open: what is shown, what was saved, and whether somebody else has changed it meanwhile. Knows no
// markup; its shelf is given, so that tests have one of their own.

import { signal } from '@preact/signals';
import { type Board, newId } from './board.ts';
import type * as shelf from './shelf.ts';

export type Shelf = Pick<typeof shelf, 'load' | 'save' | 'remove'>;
export type Stage = 'loading' | 'missing' | 'ready';

export class Desk {
  readonly stage = signal<Stage>('loading');
  readonly board = signal<Board>({ title: '', cards: [] });
  /** Changed here and not saved. */
  readonly isDirty = signal(false);
  /** Somebody else's version is there, and ours is not made of it. */
  readonly isBehind = signal(false);
  readonly fault = signal('');
  readonly id: string;
  readonly #shelf: Shelf;
  #tag = '';
  #isBusy = false;

  constructor(id: string, given: Shelf) {
    this.id = id;
    this.#shelf = given;
  }

  /** At first, and whenever theirs shall take the place of ours. */
  async load(): Promise<void> {
    const got = await this.#shelf.load(this.id);
    if ('fault' in got) this.fault.value = got.fault;
    else if ('missing' in got) this.stage.value = 'missing';
    else this.#take(got.board, got.tag);
  }

  #take(board: Board, tag: string): void {
    this.#tag = tag;
    this.board.value = board;
    this.isDirty.value = false;
    this.isBehind.value = false;
    this.fault.value = '';
    this.stage.value = 'ready';
  }

  change(board: Board): void {
    if (JSON.stringify(board) === JSON.stringify(this.board.value)) return;
    this.board.value = board;
    this.isDirty.value = true;
  }

  /** From time to time: another version is taken at once where nothing of ours would be lost; else it is told. */
  async look(): Promise<void> {
    if (this.#isBusy || this.stage.value !== 'ready') return;
    const got = await this.#shelf.load(this.id);
    if (this.#isBusy || !('tag' in got) || got.tag === this.#tag) return;
    if (this.isDirty.value) this.isBehind.value = true;
    else this.#take(got.board, got.tag);
  }

  /** Whether it is kept now. */
  async save(): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    const board = this.board.value;
    const kept = await this.#shelf.save(this.id, board, this.#tag);
    this.#isBusy = false;
    if ('changed' in kept) this.isBehind.value = true;
    else if ('fault' in kept) this.fault.value = kept.fault;
    else {
      this.#tag = kept.tag;
      this.fault.value = '';
      // What was changed while it was on its way is not saved yet.
      this.isDirty.value = this.board.value !== board;
      return true;
    }
    return false;
  }

  /** The id of the copy; empty where it could not be kept. */
  async saveCopy(): Promise<string> {
    const { title } = this.board.value;
    const board = {
      ...this.board.value,
      title: title.endsWith(' (copy)') ? title : `${title} (copy)`,
    };
    const id = newId(board.title);
    const kept = await this.#shelf.save(id, board, null);
    if ('tag' in kept) return id;
    this.fault.value = 'fault' in kept ? kept.fault : 'There is such a board already.';
    return '';
  }

  async remove(): Promise<boolean> {
    const kept = await this.#shelf.remove(this.id, this.#tag);
    if ('changed' in kept) this.isBehind.value = true;
    else if ('fault' in kept) this.fault.value = kept.fault;
    return 'tag' in kept;
  }
}
