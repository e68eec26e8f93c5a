// Later: a part of the overview whose code comes after the first paint. The rest of the page does not wait for it.

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Gateway } from '../gateway.ts';

type Part = ComponentType<{ gateway: Gateway }>;

export function later(load: () => Promise<Part>, what: string): Part {
  const state = signal<{ Loaded?: Part; failed?: true }>({});
  return function Later({ gateway }) {
    useEffect(() => {
      if (state.value.Loaded) return;
      load().then(
        (Loaded) => {
          state.value = { Loaded };
        },
        () => {
          state.value = { failed: true };
        },
      );
    }, []);
    const { Loaded, failed } = state.value;
    if (Loaded) return <Loaded gateway={gateway} />;
    return failed ? <p class="note">{what} could not be loaded. Reload the page.</p> : null;
  };
}

export const LaterPanels = later(
  () => import('./panels.tsx').then(({ Panels }) => Panels),
  'Tiles and distribution',
);
export const LaterSeries = later(
  () => import('../series/series-table.tsx').then(({ SeriesTable }) => SeriesTable),
  'The table of all series',
);
