// CardForm: what a card shows, in a dialog.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { STATS } from '../explore/asked.ts';
import type { Gateway, TagKey } from '../gateway.ts';
import { isStat } from '../view-state.ts';
import { type BoardCard, type CardKind, KINDS, SIZES, type Threshold, TITLE_MAX } from './board.ts';

const WORDS: Record<CardKind, string> = {
  line: 'Lines',
  heatmap: 'Heatmap',
  bars: 'Bars',
  number: 'Number',
};

interface Props {
  gateway: Gateway;
  /** null: a new one. */
  card: BoardCard | null;
  done: (card: BoardCard) => void;
  cancel: () => void;
}

export function CardForm({ gateway, card, done, cancel }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const metric = useSignal(card?.metric ?? '');
  const kind = useSignal<CardKind>(card?.kind ?? 'line');
  const tags = useSignal<TagKey[]>([]);
  const fault = useSignal('');
  const found = gateway.metrics.value.find(({ name }) => name === metric.value.trim());
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const name = metric.value.trim();
    if (found) void gateway.tags(name).then((keys) => (tags.value = keys));
    else tags.value = [];
  }, [found?.name]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const read = cardOf(new FormData(event.currentTarget as HTMLFormElement), card);
    if (typeof read === 'string') fault.value = read;
    else done(read);
  };
  const stats = found ? STATS[found.kind] : [...new Set(Object.values(STATS).flat())];
  const stat = card && card.metric === metric.value ? card.stat : stats[0];
  return (
    <dialog ref={dialog} class="card-form" aria-label="Card" onClose={cancel}>
      <form onSubmit={submit}>
        <h2>{card ? 'Edit the card' : 'Add a card'}</h2>
        <label>
          Metric
          <input
            name="metric"
            required
            list="metric-names"
            value={metric.value}
            onInput={(event) => {
              metric.value = event.currentTarget.value;
            }}
          />
        </label>
        <datalist id="metric-names">
          {gateway.metrics.value.map(({ name, kind }) => (
            <option key={`${name} ${kind}`} value={name} />
          ))}
        </datalist>
        <label>
          Shown as
          <select
            name="kind"
            value={kind.value}
            onChange={(event) => {
              kind.value = event.currentTarget.value as CardKind;
            }}
          >
            {KINDS.map((one) => (
              <option
                key={one}
                value={one}
                disabled={one === 'heatmap' && found?.kind !== 'timer' && found !== undefined}
              >
                {WORDS[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          Statistic
          {/* Another metric, another choice: made anew. */}
          <select key={found?.kind} name="stat" value={stat}>
            {stats.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        {kind.value !== 'number' && kind.value !== 'heatmap' && (
          <label>
            By
            <select key={tags.value.length} name="by" value={card?.by?.[0] ?? ''}>
              <option value="">the whole metric</option>
              {tags.value.map(({ key }) => (
                <option key={key} value={key}>
                  {key}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          Title
          <input
            name="title"
            maxLength={TITLE_MAX / 4}
            placeholder={metric.value}
            defaultValue={card?.title ?? ''}
          />
        </label>
        <Limits threshold={card?.threshold} />
        <p class="fault" role="alert">
          {fault.value}
        </p>
        <div class="board-bar">
          <button type="submit" class="main-button">
            {card ? 'Change' : 'Add'}
          </button>
          <button type="button" class="small" onClick={cancel}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Limits({ threshold }: { threshold: Threshold | undefined }) {
  return (
    <fieldset class="limits">
      <legend>Limits</legend>
      <label>
        Bad when
        <select name="above" value={threshold?.above === false ? 'below' : 'above'}>
          <option value="above">above</option>
          <option value="below">below</option>
        </select>
      </label>
      <label>
        Warning
        <input name="warn" inputMode="decimal" defaultValue={String(threshold?.warn ?? '')} />
      </label>
      <label>
        Critical
        <input name="crit" inputMode="decimal" defaultValue={String(threshold?.crit ?? '')} />
      </label>
    </fieldset>
  );
}

/** What the form says; a sentence where it cannot be. What it does not ask stays as it is. */
function cardOf(given: FormData, card: BoardCard | null): BoardCard | string {
  const text = (name: string) => String(given.get(name) ?? '').trim();
  const kind = text('kind') as CardKind;
  const stat = text('stat');
  if (!isStat(stat)) return 'Choose a statistic.';
  const threshold: Threshold = {};
  for (const level of ['warn', 'crit'] as const) {
    if (text(level) === '') continue;
    const limit = Number(text(level).replace(',', '.'));
    if (!Number.isFinite(limit)) return 'A limit is a number.';
    threshold[level] = limit;
  }
  if (text('above') === 'below') threshold.above = false;
  const before: Partial<BoardCard> = card ?? { x: 0, y: 0, ...SIZES[kind] };
  const { title: _, by: __, threshold: ___, ...kept } = before;
  return {
    ...kept,
    metric: text('metric'),
    kind,
    stat,
    ...(text('title') && { title: text('title') }),
    ...(text('by') && { by: [text('by')] }),
    ...((threshold.warn !== undefined || threshold.crit !== undefined) && { threshold }),
  } as BoardCard;
}
