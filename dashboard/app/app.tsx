// App: the screen that the address names: the overview, or one that stands behind doors.tsx.

import { Door, hasDoor } from './doors.tsx';
import type { Gateway } from './gateway.ts';
import { Overview } from './overview/overview.tsx';
import { TopBar } from './parts/top-bar.tsx';

export function App({ gateway }: { gateway: Gateway }) {
  return (
    <>
      <TopBar gateway={gateway} />
      <main data-link={gateway.link.value.state}>
        {hasDoor() ? <Door gateway={gateway} /> : <Overview gateway={gateway} />}
      </main>
    </>
  );
}
