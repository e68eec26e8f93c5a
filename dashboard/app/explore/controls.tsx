// Controls: by which tag, which statistic, how much of the past.

import { change } from '../address.ts';
import type { Metric, TagKey } from '../gateway.ts';
import { Spans } from '../shell/spans.tsx';
import { STATS } from './asked.ts';
import type { Asked } from './shown.ts';

interface Props {
  metric: Metric;
  tags: readonly TagKey[];
  asked: Asked;
}

export function Controls({ metric, tags, asked }: Props) {
  return (
    <div class="controls">
      {tags.length > 0 && (
        <label class="choose">
          Group by
          <select
            data-testid="group"
            value={asked.by[0] ?? ''}
            onChange={(event) => change({ group: event.currentTarget.value })}
          >
            {asked.by.length === 0 && <option value="">nothing</option>}
            {tags.map(({ key, values }) => (
              <option key={key} value={key}>
                {key} ({values.length})
              </option>
            ))}
          </select>
        </label>
      )}
      <fieldset class="segments">
        <legend>Statistic</legend>
        {STATS[metric.kind].map((stat) => (
          <button
            key={stat}
            type="button"
            aria-pressed={stat === asked.stat}
            onClick={() => change({ stat })}
          >
            {stat === 'mean' ? 'avg' : stat}
          </button>
        ))}
      </fieldset>
      <Spans />
    </div>
  );
}
