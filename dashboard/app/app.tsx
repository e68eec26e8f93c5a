// App: the screen that the address names: the overview, or one that stands behind doors.tsx; and what lies over all of them.

import { useEffect } from 'preact/hooks';
import { isBare, isOnWall } from './address.ts';
import { Door, hasDoor } from './doors.tsx';
import type { Gateway } from './gateway.ts';
import { later } from './overview/later.tsx';
import { Overview } from './overview/overview.tsx';
import { LinkBadge } from './parts/link-badge.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { aloud, said } from './say.ts';
import { LinkNotice } from './shell/heading.tsx';
import { listenForKeys, opened } from './shell/keys.ts';
import { Rail } from './shell/rail.tsx';
import { isHost } from './views.ts';

const Search = later(() => import('./shell/search.tsx').then(({ Search }) => Search), 'Search');
const Help = later(() => import('./shell/help.tsx').then(({ Help }) => Help), 'Help');

export function App({ gateway }: { gateway: Gateway }) {
  useEffect(() => listenForKeys(), []);
  const overview = !hasDoor();
  const bare = isBare();
  // While nobody sent anything there is nothing to choose from.
  const railed = overview && !bare && gateway.metrics.value.some(({ name }) => !isHost(name));
  return (
    <>
      {!bare && <TopBar gateway={gateway} />}
      <div class={railed ? 'layout' : undefined}>
        {railed && <Rail gateway={gateway} />}
        <main
          data-link={gateway.link.value.state}
          class={isOnWall() ? 'bare wall' : bare ? 'bare' : undefined}
        >
          {bare && gateway.link.value.state !== 'live' && <LinkBadge gateway={gateway} />}
          <LinkNotice />
          {overview ? <Overview gateway={gateway} /> : <Door gateway={gateway} />}
        </main>
      </div>
      {opened.value === 'search' && <Search gateway={gateway} />}
      {opened.value === 'help' && <Help gateway={gateway} />}
      <div class="toast" role="status" data-testid="toast">
        {said.value}
      </div>
      <p class="unseen" aria-live="polite" data-testid="aloud">
        {aloud.value}
      </p>
    </>
  );
}
