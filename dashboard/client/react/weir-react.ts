// Hooks for React 18 and later, and for preact/compat. `useWeir` gives the connection of a place, `useSubscription` keeps a
// component at the newest table: it renders once for each update, at most once a frame.

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import {
  type Query,
  type Stat,
  type State,
  type SubscribeOptions,
  type Subscription,
  type SubscriptionState,
  type Update,
  Weir,
  type WeirError,
} from 'weir-client';

const connections = new Map<string, Weir>();

/** The one connection to `url`, or to the page's own origin; it lives as long as the page. One that the server closed
 * for good (no token, say) stays closed: a new one would hear the same. */
export function connectionTo(url = ''): Weir {
  const weir = connections.get(url) ?? (url ? new Weir(url) : new Weir());
  connections.set(url, weir);
  return weir;
}

export interface Link {
  weir: Weir;
  state: State;
}

/** The connection and its state; `own` is a Weir of the page's, with a token for instance. */
export function useWeir(own?: Weir | string): Link {
  const weir = typeof own === 'object' ? own : connectionTo(own);
  const listen = useCallback((call: () => void) => weir.on('state', call), [weir]);
  const state = useSyncExternalStore(
    listen,
    () => weir.state,
    () => 'idle' as State,
  );
  return { weir, state };
}

export interface Live<S extends Stat> {
  /** The newest, or null before the first. Its `table` is the newest window. */
  update: Update<S> | null;
  state: SubscriptionState;
  /** Why it is closed, when the server refused. */
  error: WeirError | null;
}

export interface UseOptions extends Omit<SubscribeOptions, 'signal'> {
  /** Where to; default the page's own origin. */
  weir?: Weir | string;
}

/** A query that equals the one before, however it is written down, is not asked again. */
export function useSubscription<S extends Stat>(
  query: Query<S>,
  options: UseOptions = {},
): Live<S> {
  const { weir: own, ...asked } = options;
  const { weir } = useWeir(own);
  const key = JSON.stringify([query, asked]);
  const [live, setLive] = useState<{ of: string; live: Live<S> }>({ of: key, live: NOTHING });
  const wanted = useRef({ query, asked });
  wanted.current = { query, asked };
  useEffect(() => {
    const tellOf = (live: Live<S>) => setLive({ of: key, live });
    tellOf(NOTHING);
    const { query, asked } = wanted.current;
    const subscription: Subscription<S> = weir.subscribe(query, { deliver: 'frame', ...asked });
    let error: WeirError | null = null;
    let update: Update<S> | null = null;
    const tell = () => tellOf({ update, state: subscription.state, error });
    const offs = [
      subscription.on('update', (newer) => {
        if (newer.correction || newer.kind === 'history') return;
        update = newer;
        tell();
      }),
      subscription.on('error', (why) => {
        error = why;
      }),
      subscription.on('state', tell),
    ];
    return () => {
      for (const off of offs) off();
      subscription.close();
    };
  }, [weir, key]);
  return live.of === key ? live.live : NOTHING; // what was asked before says nothing of this
}

const NOTHING = { update: null, state: 'pending', error: null } as const;
