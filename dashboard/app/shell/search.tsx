// Search: a palette of metrics and tags over the page. Enter opens the metric's explore screen, or chooses the tag.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { change, go, view } from '../address.ts';
import { facets } from '../facets.ts';
import type { Gateway, Metric } from '../gateway.ts';
import { withFilter } from '../view-state.ts';
import { opened } from './keys.ts';
import { found } from './match.ts';
import './dialogs.css';

const NAMES_MAX = 10_000;
const SHOWN_MAX = 50;

interface Hit {
  text: string;
  kind: string;
  open: () => void;
}

const metricHit = ({ name, kind }: Metric): Hit => ({
  text: name,
  kind,
  open: () => go(`/explore?m=${encodeURIComponent(name)}`),
});

function tagHits(): Hit[] {
  return facets.value.flatMap(({ key, values }) =>
    values.map(({ value }) => ({
      text: `${key}:${value}`,
      kind: 'tag',
      open: () => change(withFilter(view.value, { key, value }, true)),
    })),
  );
}

export function Search({ gateway }: { gateway: Gateway }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const typed = useSignal('');
  const place = useSignal(0);
  const all = useSignal<Hit[]>([...gateway.metrics.value.map(metricHit), ...tagHits()]);
  useEffect(() => {
    dialog.current?.showModal();
    void gateway.names(NAMES_MAX).then((metrics) => {
      if (metrics.length > 0) all.value = [...metrics.map(metricHit), ...tagHits()];
    });
  }, []);
  const hits = found(all.value, ({ text }) => text, typed.value, SHOWN_MAX);
  const at = Math.min(place.value, hits.length - 1);
  const close = () => {
    opened.value = '';
  };
  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    hit.open();
  };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      place.value = Math.min(Math.max(at + by, 0), hits.length - 1);
      document.getElementById(`hit-${place.value}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(hits[at]);
    }
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Search metrics and tags" onClose={close}>
      <input
        type="text"
        role="combobox"
        data-testid="search-field"
        aria-label="Search metrics and tags"
        aria-expanded="true"
        aria-controls="hits"
        aria-activedescendant={at >= 0 ? `hit-${at}` : undefined}
        placeholder="Metric, or tag:value"
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          place.value = 0;
        }}
        onKeyDown={move}
      />
      <div id="hits" class="hits" role="listbox" aria-label="Found" tabIndex={-1}>
        {hits.map((hit, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus, and its keys choose
          <div
            key={`${hit.kind} ${hit.text}`}
            id={`hit-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            data-testid="hit"
            onClick={() => choose(hit)}
          >
            <span>{hit.text}</span> <small>{hit.kind}</small>
          </div>
        ))}
      </div>
      {hits.length === 0 && <p class="note">Nothing fits</p>}
      <p class="note" role="status">
        {hits.length === SHOWN_MAX ? `the first ${SHOWN_MAX}` : `${hits.length} found`}
      </p>
    </dialog>
  );
}
