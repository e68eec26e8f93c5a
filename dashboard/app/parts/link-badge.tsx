// LinkBadge: how the page stands to its server, by shape, word and colour. Read aloud when the state changes, not with each
// number.

import { drawnHz } from '../charts/frame-loop.ts';
import type { Gateway } from '../gateway.ts';

export function LinkBadge({ gateway }: { gateway: Gateway }) {
  const { state, text, detail } = gateway.link.value;
  return (
    <p class="link" data-testid="link" data-state={state}>
      <i aria-hidden="true" />
      <b role="status">{text}</b> <span>{detail}</span>
      {drawnHz.value < 4 && (
        <span data-testid="governor" title="Drawing takes this browser long">
          drawn at {drawnHz.value} Hz
        </span>
      )}
    </p>
  );
}
