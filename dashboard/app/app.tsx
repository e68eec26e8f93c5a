// App: the screen that the address names: the overview, or one that stands behind doors.tsx.

import { isBare, isOnWall } from './address.ts';
import { Door, hasDoor } from './doors.tsx';
import type { Gateway } from './gateway.ts';
import { Overview } from './overview/overview.tsx';
import { LinkBadge } from './parts/link-badge.tsx';
import { TopBar } from './parts/top-bar.tsx';

export function App({ gateway }: { gateway: Gateway }) {
  return (
    <>
      {!isBare() && <TopBar gateway={gateway} />}
      <main
        data-link={gateway.link.value.state}
        class={isOnWall() ? 'bare wall' : isBare() ? 'bare' : undefined}
      >
        {isBare() && gateway.link.value.state !== 'live' && <LinkBadge gateway={gateway} />}
        {hasDoor() ? <Door gateway={gateway} /> : <Overview gateway={gateway} />}
      </main>
    </>
  );
}
