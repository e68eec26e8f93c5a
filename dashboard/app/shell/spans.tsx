// Spans: how much of the past is shown, on every screen that has a time axis.

import { view } from '../address.ts';
import { SPANS } from '../view-state.ts';
import { setSpan } from '../zoom.ts';

export function Spans() {
  return (
    <fieldset class="segments" data-testid="spans">
      <legend>Time shown</legend>
      {SPANS.map(([name, ms]) => (
        <button
          key={name}
          type="button"
          aria-pressed={ms === view.value.spanMs}
          onClick={() => setSpan(ms)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
