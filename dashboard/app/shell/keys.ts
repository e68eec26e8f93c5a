// Keys: what can be done on the page without a pointer. A key that the focused element needs itself is left to it.

import { signal } from '@preact/signals';
import { go, path } from '../address.ts';
import { say } from '../say.ts';
import { chooseNext } from '../theme.ts';
import { SPANS } from '../view-state.ts';
import { live, reset, setSpan, step, togglePause } from '../zoom.ts';
import { nextStatistic } from './controls.tsx';

/** What lies over the page. */
export const opened = signal<'' | 'search' | 'help'>('');

/** Key, and what it does, as the help lists them. */
export const KEYS = [
  ['Space', 'pause, and go on'],
  ['← →', 'a step back, a step forth'],
  ['L', 'live again'],
  ['0', 'all of it again, after a drag'],
  ['/', 'search'],
  ['1 – 4', 'show 1 min, 5 min, 15 min, 1 h'],
  ['g', 'group by'],
  ['s', 'the next statistic'],
  ['t', 'theme'],
  ['f', 'full screen'],
  ['e', 'explore this metric'],
  ['d', "the focused chart's numbers as a table"],
  ['c', 'copy a link to this view'],
  ['?', 'this help'],
] as const;

const NEEDS_KEYS = 'input:not([type=checkbox]), select, textarea, [contenteditable], dialog *';
const NEEDS_SPACE = 'button, a, input, summary, [role=tab], pre';

export async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    say('Link copied');
  } catch {
    say('The link stands in the address bar: copy it there');
  }
}

export function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else
    document.documentElement
      .requestFullscreen()
      .catch(() => say('Full screen is not allowed here'));
}

function explore(): void {
  const card = document.querySelector('.card:focus-within, .card:hover, .card[data-metric]');
  const metric = card?.getAttribute('data-metric');
  go(metric ? `/explore?m=${encodeURIComponent(metric)}` : '/explore');
}

const ACTIONS: Record<string, () => void> = {
  ' ': togglePause,
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  l: live,
  0: reset,
  '/': () => {
    opened.value = 'search';
  },
  g: () => document.getElementById('group')?.focus(),
  s: nextStatistic,
  t: chooseNext,
  f: toggleFullScreen,
  e: explore,
  c: () => void copyLink(),
  '?': () => {
    opened.value = 'help';
  },
};
SPANS.forEach(([, ms], at) => {
  ACTIONS[String(at + 1)] = () => setSpan(ms);
});
/** These mean something where there is time to be chosen. */
const OF_TIME = new Set([' ', 'ArrowLeft', 'ArrowRight', 'l', '0', '1', '2', '3', '4', 's', 'g']);

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as Element;
  if (target.closest(NEEDS_KEYS) || opened.value) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((key === ' ' || key.startsWith('Arrow')) && target.closest(NEEDS_SPACE)) return;
  const action = ACTIONS[key];
  if (!action || (OF_TIME.has(key) && path.value === '/health')) return;
  event.preventDefault();
  action();
}

/** From the beginning of the page to its end. */
export function listenForKeys(): void {
  addEventListener('keydown', pressed);
}
