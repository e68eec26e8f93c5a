// Help: what the keys do.

import { useEffect, useRef } from 'preact/hooks';
import { KEYS, opened } from './keys.ts';
import './dialogs.css';

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="palette help"
      aria-labelledby="help-title"
      onClose={() => {
        opened.value = '';
      }}
    >
      <h2 id="help-title">Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="note">
        On a chart: ← → walk its points, Home and End go to its ends; drag to look at a part of
        time.
      </p>
      <form method="dialog">
        <button type="submit" class="pause">
          Close
        </button>
      </form>
    </dialog>
  );
}
