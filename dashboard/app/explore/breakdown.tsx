// Breakdown: the metric by each of its tags, over all the time that is shown. A bar chooses its value, a heading groups by
// its tag.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { change, view } from '../address.ts';
import type { TagKey } from '../gateway.ts';
import { showText, type Unit } from '../units.ts';
import { withFilter } from '../view-state.ts';
import type { Asked } from './shown.ts';
import { breakdownQuery, type Snap, type TagBar, tagBarsOf } from './tag-bars.ts';

/** Tags with bars; more are said. */
const TAGS_MAX = 12;
const AGAIN_MS = 5000;

interface Props {
  asked: Asked;
  tags: readonly TagKey[];
  unit: Unit;
}

export function Breakdown({ asked, tags, unit }: Props) {
  if (tags.length === 0) return null;
  return (
    <section class="group">
      <h2>By tag</h2>
      <div class="breakdown">
        {tags.slice(0, TAGS_MAX).map((tag) => (
          <TagCard key={tag.key} asked={asked} tag={tag} unit={unit} />
        ))}
      </div>
      {tags.length > TAGS_MAX && (
        <p class="note">and {tags.length - TAGS_MAX} more tags: choose one above</p>
      )}
    </section>
  );
}

async function barsOf(asked: Asked, key: string, signal: AbortSignal): Promise<TagBar[]> {
  const given = new URLSearchParams({ q: JSON.stringify(breakdownQuery(asked, key)) });
  if (asked.at !== 'live') given.set('time', String(asked.at));
  const response = await fetch(`/api/v1/query?${given}`, { signal });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error?.msg ?? `The server answered ${response.status}.`);
  return tagBarsOf(body as Snap, key);
}

function TagCard({ asked, tag, unit }: { asked: Asked; tag: TagKey; unit: Unit }) {
  const { key } = tag;
  const bars = useSignal<TagBar[] | null>(null);
  const fault = useSignal('');
  useEffect(() => {
    const stop = new AbortController();
    const look = async () => {
      if (document.hidden) return;
      try {
        bars.value = await barsOf(asked, key, stop.signal);
        fault.value = '';
      } catch (why) {
        if (!stop.signal.aborted) fault.value = (why as Error).message;
      }
    };
    void look();
    const timer = asked.at === 'live' ? setInterval(look, AGAIN_MS) : undefined;
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [asked, key]);
  const more = tag.values.length - (bars.value?.length ?? 0);
  return (
    <section class="card tag-card" data-testid="by-tag" data-tag={key}>
      <header>
        <h3 title={key}>{key}</h3>
        <span class="stat">
          {tag.values.length} {tag.values.length === 1 ? 'value' : 'values'} · {asked.stat}
        </span>
        {asked.by[0] !== key && (
          <button type="button" class="small" onClick={() => change({ group: key })}>
            Group by it
          </button>
        )}
      </header>
      {fault.value && <p class="fault">{fault.value}</p>}
      <ul class="bars">
        {(bars.value ?? []).map((bar) => (
          <li key={bar.value}>
            <button
              type="button"
              title={`Only ${key} ${bar.value}`}
              data-value={bar.value}
              data-raw={bar.amount}
              onClick={() => change(withFilter(view.value, { key, value: bar.value }, true))}
            >
              <span class="bar-name">{bar.value || '(none)'}</span>
              <span class="bar-track" aria-hidden="true">
                <i class="bar" style={{ width: `${bar.part * 100}%` }} />
              </span>
              <span class="bar-value">{showText(bar.amount, unit)}</span>
            </button>
          </li>
        ))}
      </ul>
      {bars.value?.length === 0 && <p class="note">no data in this time</p>}
      {bars.value && bars.value.length > 0 && more > 0 && <p class="note">and {more} more</p>}
    </section>
  );
}
