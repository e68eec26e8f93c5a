// TakeAlong: the chart's files, and the code that gets the same elsewhere.

import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { Snippets } from '../parts/snippets.tsx';
import { session } from '../session.ts';
import { theme } from '../theme.ts';
import type { Unit } from '../units.ts';
import { snippetsOf } from './code.ts';
import { csvOf, FILE_BYTES_MAX, fileName, jsonOf, readJson } from './files.ts';
import { pictureOf, save } from './picture.ts';
import type { Asked, Shown } from './shown.ts';

interface Props {
  shown: () => Shown;
  plot: RefObject<HTMLDivElement | null>;
  unit: Unit;
  asked: Asked;
  open: (file: Shown | null) => void;
}

export function Files({ shown, plot, unit, asked, open }: Props) {
  const told = useSignal('');
  const input = useRef<HTMLInputElement>(null);
  const picture = async () => {
    const canvas = plot.current?.querySelector('canvas');
    if (!canvas || !plot.current) return;
    const style = getComputedStyle(plot.current);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const blob = await pictureOf(shown(), { canvas, theme: theme.value, unit, token });
    if (blob) save(blob, fileName(asked, 'png'));
    else told.value = 'The browser could not make the picture.';
  };
  const text = (type: string, ending: string, write: (shown: Shown) => string) => () =>
    save(new Blob([write(shown())], { type }), fileName(asked, ending));
  const take = async (files: FileList | null) => {
    const file = files?.[0];
    if (!file) return;
    const read =
      file.size > FILE_BYTES_MAX ? 'This file is too large.' : readJson(await file.text());
    told.value = typeof read === 'string' ? read : '';
    if (typeof read !== 'string') open(read);
  };
  return (
    <div class="files">
      <span class="stat">Export</span>
      <button type="button" class="small" data-testid="png" onClick={picture}>
        PNG
      </button>
      <button
        type="button"
        class="small"
        data-testid="csv"
        onClick={text('text/csv', 'csv', csvOf)}
      >
        CSV
      </button>
      <button
        type="button"
        class="small"
        data-testid="json"
        onClick={text('application/json', 'json', jsonOf)}
      >
        JSON
      </button>
      <button type="button" class="small" onClick={() => input.current?.click()}>
        Open a file
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        data-testid="import"
        onChange={(event) => {
          const { files } = event.currentTarget;
          void take(files).then(() => {
            if (input.current) input.current.value = '';
          });
        }}
      />
      <span class="fault" role="status">
        {told.value}
      </span>
    </div>
  );
}

export function Code({ asked }: { asked: Asked }) {
  const token = session.value?.required === true;
  const snippets = snippetsOf(asked, { origin: location.origin, token });
  return (
    <details class="code" data-testid="code">
      <summary>Code for this view</summary>
      <div class="panel">
        <Snippets
          label="Code in"
          snippets={snippets}
          testid={{ copy: 'copy-code', text: 'code-text' }}
        />
      </div>
    </details>
  );
}
