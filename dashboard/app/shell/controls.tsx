// Controls: by which tag cards are grouped, which statistic they show, how much of the past.

import { change, view } from '../address.ts';
import { facets } from '../facets.ts';
import './controls.css';
import { Spans } from './spans.tsx';

/** Timers show their p99 when nobody chose; what a kind does not have is not shown of it. */
export const STATISTICS = [
  ['avg', 'mean'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', ''],
  ['max', 'max'],
] as const;

const own = (stat: string) => (stat === 'p99' ? '' : stat);

export function Controls() {
  const { group, stat } = view.value;
  const keys = facets.value.map(({ key }) => key);
  if (group && !keys.includes(group)) keys.unshift(group);
  return (
    <div class="controls">
      <label class="choose">
        <span>Group by</span>
        <select
          id="group"
          data-testid="group"
          value={group}
          onChange={(event) => change({ group: event.currentTarget.value })}
        >
          <option value="">as it fits</option>
          {keys.map((key) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="segments" data-testid="stats">
        <legend>Statistic</legend>
        {STATISTICS.map(([name, value]) => (
          <button
            key={name}
            type="button"
            aria-pressed={own(stat) === value}
            onClick={() => change({ stat: value })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Spans />
    </div>
  );
}

/** The next one, for the key `s`. */
export function nextStatistic(): void {
  const at = STATISTICS.findIndex(([, value]) => value === own(view.value.stat));
  const next = STATISTICS[(at + 1) % STATISTICS.length];
  if (next) change({ stat: next[1] });
}
