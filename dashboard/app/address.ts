// Address: the screen and the view that the address bar names, as signals; changing one changes the other. Links of the
// page change it without a load; going back works. Who chooses something calls change(); nobody else writes these.

import { signal } from '@preact/signals';
import { PLAIN, parseView, type ViewState, viewText } from './view-state.ts';

const first = parseView(location.search);
/** The screen: `/`, `/explore`, `/boards/ID`, `/health`. */
export const path = signal(location.pathname);
/** The whole search part, for what one screen alone has in it (`m` of /explore, `embed`, `tv`). */
export const search = signal(location.search);
export const view = signal<ViewState>(first.view);
/** What of a link could not be read; a notice until it is closed. */
export const faults = signal<readonly string[]>(first.faults);

/** Parameters of the address that are no part of the view: kept as they are when the view changes. */
const OWN = ['f', 'g', 's', 'w', 't'];

addEventListener('popstate', () => read());

function read(): void {
  const parsed = parseView(location.search);
  path.value = location.pathname;
  search.value = location.search;
  view.value = parsed.view;
  faults.value = parsed.faults;
}

/** The address of a view on this screen, with what else the address says. */
function addressOf(chosen: ViewState): string {
  const others = new URLSearchParams(location.search);
  for (const name of OWN) others.delete(name);
  const rest = others.toString();
  const own = viewText(chosen);
  if (!rest) return `${location.pathname}${own}`;
  return `${location.pathname}?${rest}${own.replace('?', '&')}`;
}

/** A choice is a step that going back undoes; what moves by itself (a paused moment that is stepped on) replaces. */
export function change(patch: Partial<ViewState>, how: 'push' | 'replace' = 'push'): void {
  const chosen = { ...view.value, ...patch };
  const address = addressOf(chosen);
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  search.value = location.search;
  view.value = chosen;
}

/** Another screen; `to` may carry a search part. What is chosen stays chosen, but for what `to` says. */
export function go(to: string): void {
  const url = new URL(to, location.href);
  const own = new URLSearchParams(viewText(view.value));
  for (const [name, text] of own)
    if (!url.searchParams.has(name)) url.searchParams.append(name, text);
  history.pushState(null, '', url.pathname + url.search);
  read();
  scrollTo(0, 0);
}

/** For onClick of a link: what opens a tab or window is left to the browser. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  if (link.pathname !== path.value || link.search !== '') go(link.pathname + link.search);
}

/** The right edge of every time axis, in ms since the epoch. */
export const edge = () => (view.value.at === 'live' ? Date.now() : view.value.at);
/** `?embed=1`, a chart on somebody's page, and `?tv=1`, one on a wall: nothing but the charts. */
export const isBare = () => /[?&](embed|tv)=1(&|$)/.test(search.value);
export const isOnWall = () => /[?&]tv=1(&|$)/.test(search.value);
export const isLive = () => view.value.at === 'live';
export { PLAIN };
