// BoardList: the boards there are, and how to begin one.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { follow, go } from '../address.ts';
import { type Board, newId, readBoard, TITLE_MAX } from './board.ts';
import { mayWrite } from './rights.ts';
import * as shelf from './shelf.ts';

export function BoardList({ wrong }: { wrong: boolean }) {
  const items = useSignal<shelf.Listed[] | null>(null);
  const fault = useSignal(wrong ? 'This is no address of a board.' : '');
  useEffect(() => {
    void shelf.list().then((answer) => {
      if ('fault' in answer) fault.value = answer.fault;
      else items.value = answer.items;
    });
  }, []);
  const begin = async (board: Board, edit: boolean) => {
    const id = newId(board.title);
    const kept = await shelf.save(id, board, null);
    if ('tag' in kept) go(`/boards/${id}${edit ? '?edit=1' : ''}`);
    else fault.value = 'fault' in kept ? kept.fault : 'There is such a board already.';
  };
  return (
    <section class="group boards" data-testid="boards">
      <h1>Dashboards</h1>
      {fault.value && (
        <p class="fault" role="alert">
          {fault.value}
        </p>
      )}
      {items.value && mayWrite() && <Begin begin={begin} fault={(text) => (fault.value = text)} />}
      {items.value?.length === 0 && (
        <p class="note">There is none yet. A dashboard is a page of charts that you choose.</p>
      )}
      <ul class="board-list">
        {(items.value ?? []).map(({ id, title, changed }) => (
          <li key={id}>
            <a href={`/boards/${id}`} onClick={follow}>
              <b>{title || id}</b>
              <span>changed {new Date(changed).toLocaleString('en-GB')}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface BeginProps {
  begin: (board: Board, edit: boolean) => Promise<void>;
  fault: (text: string) => void;
}

function Begin({ begin, fault }: BeginProps) {
  const title = useSignal('');
  const file = useRef<HTMLInputElement>(null);
  const open = async (files: FileList | null) => {
    const [first] = files ?? [];
    if (!first) return;
    const board = readBoard(await first.text());
    if (typeof board === 'string') fault(board);
    else await begin(board, false);
  };
  return (
    <form
      class="board-bar"
      onSubmit={(event) => {
        event.preventDefault();
        void begin({ title: title.value.trim() || 'Dashboard', cards: [] }, true);
      }}
    >
      <label>
        Title
        <input
          maxLength={TITLE_MAX / 4}
          placeholder="Checkout"
          value={title.value}
          onInput={(event) => {
            title.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="main-button">
        New dashboard
      </button>
      <button type="button" class="small" onClick={() => file.current?.click()}>
        Import a file
      </button>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        data-testid="import-board"
        onChange={(event) => void open(event.currentTarget.files)}
      />
    </form>
  );
}
