// Differs: what differs in the box: the tag values that explain it, the best first. The box is drawn with the pointer, or
// given as two values for the whole time shown.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { change, view } from '../address.ts';
import { boundsText } from '../charts/heat-tip.ts';
import type { Box } from '../charts/heatmap.ts';
import { timeText } from '../charts/ticks.ts';
import type { Unit } from '../units.ts';
import { withFilter } from '../view-state.ts';
import { type Explanation, explain, type Item, meaning } from './explain.ts';
import type { Asked } from './shown.ts';

const SHOWN_MAX = 12;

interface Props {
  asked: Asked;
  unit: Unit;
  box: Signal<Box | null>;
}

export function Differs({ asked, unit, box }: Props) {
  const found = useSignal<Explanation | string | null>(null);
  const chosen = box.value;
  useEffect(() => {
    found.value = null;
    if (!chosen) return;
    const stop = new AbortController();
    explain(asked, chosen, stop.signal).then(
      (answer) => {
        found.value = answer;
      },
      (fault: Error) => {
        if (!stop.signal.aborted) found.value = fault.message;
      },
    );
    return () => stop.abort();
  }, [chosen]);

  const answer = found.value;
  return (
    <section class="card differs" data-testid="differs">
      <header>
        <h2>What differs</h2>
        {chosen && (
          <span class="stat">
            {boundsText(chosen, unit)}, {timeText(Math.floor(chosen.start / 1000) * 1000)} to{' '}
            {timeText(Math.ceil(chosen.end / 1000) * 1000)}
          </span>
        )}
      </header>
      <ByNumbers asked={asked} box={box} />
      <div role="status">
        {typeof answer === 'string' && <p class="fault">{answer}</p>}
        {chosen && answer === null && <p class="note">Looking.</p>}
        {answer !== null && typeof answer !== 'string' && <Found answer={answer} />}
      </div>
    </section>
  );
}

/** The same without a pointer. */
function ByNumbers({ asked, box }: { asked: Asked; box: Signal<Box | null> }) {
  const fault = useSignal('');
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const number = (name: string, absent: number) => {
      const text = String(given.get(name) ?? '').trim();
      return text === '' ? absent : Number(text);
    };
    const [low, high] = [number('low', 0), number('high', Number.MAX_VALUE)];
    fault.value = low < high ? '' : 'The second value must be above the first.';
    if (fault.value) return;
    const end = asked.at === 'live' ? Date.now() : asked.at;
    box.value = { start: end - asked.spanMs, end, low, high };
  };
  return (
    <form class="by-numbers" onSubmit={ask}>
      <label>
        Values above
        <input name="low" inputMode="decimal" pattern="-?[0-9.]+" placeholder="0" />
      </label>
      <label>
        up to
        <input name="high" inputMode="decimal" pattern="-?[0-9.]+" placeholder="any" />
      </label>
      <button type="submit" class="small">
        What differs?
      </button>
      <span class="fault" role="alert">
        {fault.value}
      </span>
    </form>
  );
}

function Found({ answer: { inside, outside, items } }: { answer: Explanation }) {
  if (inside === 0) return <p class="note">No samples are in the box.</p>;
  const telling = items.filter((item) => item.inside > item.outside).slice(0, SHOWN_MAX);
  const counts = `${Math.round(inside).toLocaleString('en')} samples in the box, ${Math.round(outside).toLocaleString('en')} elsewhere`;
  if (telling.length === 0) return <p class="note">{counts}: no tag tells them apart.</p>;
  return (
    <>
      <p class="note">{counts}. More frequent in the box:</p>
      <ol class="telling">
        {telling.map((item) => (
          <Telling key={`${item.key}=${item.value}`} item={item} />
        ))}
      </ol>
    </>
  );
}

function Telling({ item }: { item: Item }) {
  const { key, value, inside, outside } = item;
  return (
    <li>
      <button
        type="button"
        data-testid="telling"
        data-tag={`${key}=${value}`}
        title={`Only ${key} ${value}`}
        onClick={() => change(withFilter(view.value, { key, value }, true))}
      >
        <span class="bar-name">
          <small>{key}</small> {value || '(none)'}
        </span>
        <span class="bar-track" aria-hidden="true">
          <i class="bar" style={{ width: `${Math.min(inside, 1) * 100}%` }} />
          <i class="tick" style={{ left: `${Math.min(outside, 1) * 100}%` }} />
        </span>
        <span class="bar-value">{meaning(item)}</span>
      </button>
    </li>
  );
}
