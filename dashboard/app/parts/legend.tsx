// Legend: the lines of a card by name, with their newest values, or those at the moment that is pointed at.

import { OTHER } from '../charts/fold.ts';
import { strokes } from '../colours.ts';
import { theme } from '../theme.ts';
import { show, type Unit } from '../units.ts';

export interface Row {
  name: string;
  value: number | null;
  /** Nothing came of it any more. */
  silent?: boolean;
}

interface Props {
  rows: readonly Row[];
  unit: Unit;
  /** Lines that are not drawn, or that `other` stands for, and how it is made of them. */
  others: number;
  how: string;
}

export function Legend({ rows, unit, others, how }: Props) {
  const colours = strokes(
    rows.map(({ name }) => name).filter((name) => name !== OTHER || others === 0),
    theme.value,
  );
  return (
    <ul class="legend">
      {rows.map(({ name, value, silent }) => {
        const { number, unit: word } = show(value, unit);
        const stroke = colours.get(name);
        return (
          <li key={name} data-silent={silent}>
            <i
              class={stroke?.dashed === false ? 'swatch' : 'swatch dashed'}
              style={{ '--series': stroke?.colour ?? 'var(--text-3)' }}
            />
            <span class="name" title={name}>
              {name}
              {!stroke && how && ` (${how} of ${others})`}
            </span>
            <span class="value" data-testid="value" data-row={name} data-raw={value ?? ''}>
              {number}
              {word && <small> {word}</small>}
            </span>
          </li>
        );
      })}
      {others > 0 && !how && (
        <li class="more" title={`${others} more lines are not drawn`}>
          +{others}
        </li>
      )}
    </ul>
  );
}
