// CardFrame: one card of a board: its title, its state against its limits, its face, and its handles while it is edited.

import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { view } from '../address.ts';
import type { Gateway, Kind } from '../gateway.ts';
import { unitOf } from '../units.ts';
import { stepsOf, whereOf } from '../view-state.ts';
import { type BoardCard, placeText, titleOf } from './board.ts';
import { BarsFace, type FaceProps, HeatFace, LineFace, NumberFace } from './faces.tsx';
import { judge, MARKS } from './threshold.ts';

export interface Handles {
  move: (event: PointerEvent) => void;
  size: (event: PointerEvent) => void;
  key: (event: KeyboardEvent) => void;
  edit: () => void;
  remove: () => void;
}

const FACES = { line: LineFace, heatmap: HeatFace, bars: BarsFace, number: NumberFace };

/** The unit is the kind's of the metric, which the page may not know yet. */
function kindOf(gateway: Gateway, card: BoardCard): Kind {
  const known = gateway.metrics.value.find(({ name }) => name === card.metric);
  if (known) return known.kind;
  return card.stat === 'rate' || card.stat === 'count' ? 'counter' : 'gauge';
}

interface Props {
  gateway: Gateway;
  card: BoardCard;
  handles: Handles | null;
}

export function CardFrame({ gateway, card, handles }: Props) {
  const { x, y, w, h, metric, stat, kind } = card;
  const values = useSignal<(number | null)[]>([]);
  const fault = useSignal('');
  const { spanMs, at, filters } = view.value;
  const asked = JSON.stringify([
    metric,
    stat,
    card.by ?? [],
    [...(card.where ?? []), ...whereOf(filters)],
    spanMs,
    at,
  ]);
  const face = useMemo<FaceProps['face']>(() => {
    const [name, stat, by, where, spanMs, at] = JSON.parse(asked);
    const { windowMs, slideMs } = stepsOf(spanMs);
    return { metric: name, stat, by, where, spanMs, at, windowMs, stepMs: slideMs };
  }, [asked]);
  const unit = unitOf(metric, kindOf(gateway, card));
  const { level, text } = judge(values.value, card.threshold, unit);
  const Face = FACES[kind];
  const title = titleOf(card);
  return (
    <section
      class="card board-card"
      data-testid="board-card"
      data-kind={kind}
      data-metric={metric}
      data-level={level === 'ok' ? undefined : level === 'warn' ? 'warning' : 'error'}
      data-place={[x, y, w, h].join()}
      data-link={gateway.link.value.state}
      style={{ '--x': x + 1, '--y': y + 1, '--w': w, '--h': h }}
    >
      <header>
        <h2 title={metric}>{title}</h2>
        <span class="stat">{stat}</span>
        {text && (
          <span class="over-limit" data-testid="over-limit">
            <i aria-hidden="true">{MARKS[level]}</i> {text}
          </span>
        )}
        {handles && <Tools handles={handles} title={title} place={placeText(card)} />}
      </header>
      {fault.value ? (
        <p class="fault">{fault.value}</p>
      ) : (
        <Face
          gateway={gateway}
          face={face}
          title={title}
          unit={unit}
          threshold={card.threshold}
          told={(some) => {
            if (JSON.stringify(some) !== JSON.stringify(values.peek())) values.value = some;
          }}
          failed={(message) => {
            fault.value = message;
          }}
        />
      )}
      {handles && (
        <button
          type="button"
          class="corner"
          tabIndex={-1}
          aria-hidden="true"
          onPointerDown={handles.size}
        />
      )}
    </section>
  );
}

function Tools({ handles, title, place }: { handles: Handles; title: string; place: string }) {
  return (
    <span class="tools">
      <button
        type="button"
        class="small grip"
        aria-label={`Move ${title}: ${place}. Arrows move, shift and arrows resize`}
        title="Drag, or arrows to move and shift and arrows to resize"
        onPointerDown={handles.move}
        onKeyDown={handles.key}
      >
        ✥
      </button>
      <button type="button" class="small" aria-label={`Edit ${title}`} onClick={handles.edit}>
        Edit
      </button>
      <button type="button" class="small" aria-label={`Remove ${title}`} onClick={handles.remove}>
        ×
      </button>
    </span>
  );
}
