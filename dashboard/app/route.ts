// Route: which screen the address names. Links of the page change it without a load; going back works.

import { signal } from '@preact/signals';

export const path = signal(location.pathname);
addEventListener('popstate', () => {
  path.value = location.pathname;
});

/** For onClick of a link: what opens a tab or window is left to the browser. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  if (link.pathname === path.value) return;
  history.pushState(null, '', link.pathname);
  path.value = link.pathname;
  scrollTo(0, 0);
}
