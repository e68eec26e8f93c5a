// LinkBadge: how the page stands to its server, by shape, word and colour.

import type { Gateway } from '../gateway.ts';

export function LinkBadge({ gateway }: { gateway: Gateway }) {
  const { state, text, detail } = gateway.link.value;
  return (
    <p class="link" data-testid="link" data-state={state} role="status">
      <i aria-hidden="true" />
      <b>{text}</b> <span>{detail}</span>
    </p>
  );
}
