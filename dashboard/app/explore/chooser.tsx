// Chooser: the metrics there are, to choose one; says so when the one that was asked for is none of them.

import { useSignal } from '@preact/signals';
import { follow } from '../address.ts';
import type { Gateway } from '../gateway.ts';

const SHOWN_MAX = 200;

export const exploreAddress = (name: string) => `/explore?m=${encodeURIComponent(name)}`;

export function Chooser({ gateway, unknown }: { gateway: Gateway; unknown?: string }) {
  const typed = useSignal('');
  const wanted = typed.value.trim().toLowerCase();
  const all = gateway.metrics.value;
  const fitting = all.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <section class="group chooser">
      <h1>Explore</h1>
      {unknown !== undefined && (
        <p class="note" role="status" data-testid="unknown">
          There is no metric <b>{unknown}</b>, or you may not see it. It is shown here as soon as a
          sample of it comes.
        </p>
      )}
      <label class="field">
        Which metric?
        <input
          type="search"
          placeholder="Part of its name"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </label>
      {all.length > 0 && fitting.length === 0 && <p class="note">No name holds this text.</p>}
      <ul class="choices">
        {fitting.slice(0, SHOWN_MAX).map(({ name, kind, series }) => (
          <li key={`${name} ${kind}`}>
            <a href={`${exploreAddress(name)}&kind=${kind}`} onClick={follow}>
              <b>{name}</b>
              <span>
                {kind}, {series.toLocaleString('en')} series
              </span>
            </a>
          </li>
        ))}
      </ul>
      {fitting.length > SHOWN_MAX && (
        <p class="note">and {fitting.length - SHOWN_MAX} more: type a part of the name</p>
      )}
    </section>
  );
}
