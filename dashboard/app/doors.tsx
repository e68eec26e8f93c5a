// Doors: the screens that are loaded when they are first opened, by their addresses.

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { path } from './address.ts';
import type { Gateway } from './gateway.ts';

type Screen = ComponentType<{ gateway: Gateway }>;

const LOADS: Record<string, () => Promise<Screen>> = {
  '/health': () => import('./health/health.tsx').then(({ Health }) => Health),
  '/boards': () => import('./boards/boards.tsx').then(({ Boards }) => Boards),
  '/explore': () => import('./explore/explore.tsx').then(({ Explore }) => Explore),
};

/** Of `/boards/ID` the door is `/boards`; '' where the address names none. */
const doorOf = (address: string) => /^\/[a-z]+/.exec(address)?.[0] ?? '';

const loaded = signal<Record<string, Screen | string>>({});

/** Whether the address names a screen behind a door; all others are the overview. */
export const hasDoor = () => doorOf(path.value) in LOADS;

export function Door({ gateway }: { gateway: Gateway }) {
  const name = doorOf(path.value);
  useEffect(() => {
    if (typeof loaded.value[name] === 'function') return;
    const keep = (screen: Screen | string) => {
      loaded.value = { ...loaded.value, [name]: screen };
    };
    LOADS[name]?.().then(keep, () =>
      keep('This screen could not be loaded. Reload the page to try again.'),
    );
  }, [name]);
  const screen = loaded.value[name] ?? 'Loading';
  if (typeof screen === 'string') return <p class="note">{screen}</p>;
  const Screen = screen;
  return <Screen gateway={gateway} />;
}
