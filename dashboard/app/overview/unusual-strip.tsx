// UnusualStrip: what stands out now, the worst first; each leads to its place on the explore screen.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { follow, isLive, view } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { whileVisible } from '../visible.ts';
import { type Chip, chipsOf, type UnusualAnswer } from './unusual.ts';
import './unusual.css';

const POLL_MS = 5000;

export function UnusualStrip({ gateway }: { gateway: Gateway }) {
  const root = useRef<HTMLElement>(null);
  const chips = useSignal<Chip[]>([]);
  const { at } = view.value;
  useEffect(() => {
    if (!root.current) return;
    const read = async () => {
      // Of what was there is no such list, and while the link is down nothing is known of now.
      if (document.hidden || !isLive() || gateway.weir.state !== 'live') return;
      const answer = await fetch('/api/v1/unusual?limit=40', { signal: AbortSignal.timeout(5000) });
      if (answer.ok) chips.value = chipsOf((await answer.json()) as UnusualAnswer);
    };
    const again = () => void read().catch(() => {});
    return whileVisible(root.current, () => {
      again();
      const timer = setInterval(again, POLL_MS);
      return () => clearInterval(timer);
    });
  }, [gateway, at]);
  return (
    <section class="unusual" aria-label="Unusual now" ref={root}>
      <h2>Unusual now</h2>
      {chips.value.length === 0 && <span class="note">nothing</span>}
      <ul>
        {chips.value.map(({ key, level, shape, who, what, much, since, href }) => (
          <li key={key} data-testid="unusual" data-change={level}>
            <a href={href} onClick={follow}>
              <i aria-hidden="true">{shape}</i>
              {who && (
                <b class="whose" title={who}>
                  {who}
                </b>
              )}
              <span>{what}</span> <b>{much}</b>
              <span class="since">{since}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
