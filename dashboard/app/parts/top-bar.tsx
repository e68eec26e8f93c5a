// TopBar: the name, the screens, the link, the theme.

import { follow, path } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { session, signOut } from '../session.ts';
import { type Choice, choice, choose } from '../theme.ts';
import { LinkBadge } from './link-badge.tsx';

const NEXT: Record<Choice, Choice> = { auto: 'dark', dark: 'light', light: 'auto' };
const WORD: Record<Choice, string> = {
  auto: 'Theme: as the system',
  dark: 'Theme: dark',
  light: 'Theme: light',
};

const SCREENS = [
  ['/', 'Overview'],
  ['/health', 'Health'],
] as const;

export function TopBar({ gateway }: { gateway: Gateway }) {
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Weir" onClick={follow}>
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span>Weir</span>
      </a>
      <nav class="screens" aria-label="Screens">
        {SCREENS.map(([to, name]) => (
          <a
            key={to}
            href={to}
            onClick={follow}
            aria-current={path.value === to ? 'page' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <LinkBadge gateway={gateway} />
      {session.value?.name && (
        <button
          type="button"
          class="who"
          title={`Signed in as ${session.value.name}`}
          onClick={() => void signOut()}
        >
          Sign out
        </button>
      )}
      <button
        type="button"
        class="icon"
        data-testid="theme"
        aria-label={`${WORD[choice.value]}. Change`}
        title={WORD[choice.value]}
        onClick={() => choose(NEXT[choice.value])}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <circle cx="10" cy="10" r="6.5" />
          <path
            d={
              choice.value === 'auto'
                ? 'M10 3.5a6.5 6.5 0 0 1 0 13z'
                : choice.value === 'dark'
                  ? 'M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13z'
                  : ''
            }
          />
        </svg>
      </button>
    </header>
  );
}
