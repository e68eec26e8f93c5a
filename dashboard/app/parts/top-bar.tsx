// TopBar: the name, the screens, the search, the link, and what can be done anywhere. At phone width the screens stand at
// the bottom.

import { follow, isLive, path } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { session, signOut } from '../session.ts';
import { copyLink, opened, toggleFullScreen } from '../shell/keys.ts';
import { type Choice, choice, chooseNext } from '../theme.ts';
import { togglePause } from '../zoom.ts';
import { LinkBadge } from './link-badge.tsx';

const WORD: Record<Choice, string> = {
  auto: 'Theme: as the system',
  dark: 'Theme: dark',
  light: 'Theme: light',
};

const SCREENS = [
  ['/', 'Overview'],
  ['/explore', 'Explore'],
  ['/boards', 'Dashboards'],
  ['/health', 'Health'],
] as const;

const isAt = (to: string) =>
  to === '/' ? path.value === to : path.value === to || path.value.startsWith(`${to}/`);

export function TopBar({ gateway }: { gateway: Gateway }) {
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Weir" onClick={follow}>
        <img src="/icon.svg" alt="" width="20" height="20" />
        <span>Weir</span>
      </a>
      <nav class="screens" aria-label="Screens">
        {SCREENS.map(([to, name]) => (
          <a key={to} href={to} onClick={follow} aria-current={isAt(to) ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <button
        type="button"
        class="find"
        data-testid="search"
        aria-keyshortcuts="/"
        onClick={() => {
          opened.value = 'search';
        }}
      >
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="9" cy="9" r="5.5" />
          <path d="M13 13l4.5 4.5" />
        </svg>
        <span>Search metrics and tags</span>
        <kbd>/</kbd>
      </button>
      <LinkBadge gateway={gateway} />
      {path.value !== '/health' && <Pause />}
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
        onClick={chooseNext}
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
      <button
        type="button"
        class="icon line wide"
        data-testid="copy-link"
        aria-label="Copy a link to this view"
        title="Copy a link to this view (c)"
        onClick={() => void copyLink()}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <path d="M8.5 11.5a3.2 3.2 0 0 0 4.6 0l2.6-2.6a3.25 3.25 0 0 0-4.6-4.6L10 5.4M11.5 8.5a3.2 3.2 0 0 0-4.6 0l-2.6 2.6a3.25 3.25 0 0 0 4.6 4.6L10 14.6" />
        </svg>
      </button>
      <button
        type="button"
        class="icon line wide"
        aria-label="Full screen"
        title="Full screen (f)"
        onClick={toggleFullScreen}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <path d="M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4" />
        </svg>
      </button>
    </header>
  );
}

function Pause() {
  return (
    <button
      type="button"
      class="pause"
      data-testid="pause"
      aria-pressed={!isLive()}
      aria-keyshortcuts="Space"
      onClick={togglePause}
    >
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d={isLive() ? 'M2 1h3v10H2zM7 1h3v10H7z' : 'M2 1l9 5-9 5z'} />
      </svg>
      {isLive() ? 'Pause' : 'Paused'}
      <kbd>Space</kbd>
    </button>
  );
}
