// ValuesTable: the chart as a table, the newest window first. For whom does not see it, and to compare.

import { useSignal } from '@preact/signals';
import { timeText } from '../charts/ticks.ts';
import { showText, type Unit } from '../units.ts';
import { nameOf, type Shown } from './shown.ts';

const COLUMNS_MAX = 20;

export function ValuesTable({ shown, unit }: { shown: Shown; unit: Unit }) {
  const isOpen = useSignal(false);
  const { asked, times, lines } = shown;
  const some = lines.slice(0, COLUMNS_MAX);
  return (
    <details
      class="values"
      data-testid="values"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>Values</summary>
      {isOpen.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="scroll" tabIndex={0} aria-label="Values">
          <table>
            <thead>
              <tr>
                <th scope="col">Window ends</th>
                {some.map(({ tags }) => (
                  <th key={nameOf(tags, asked.stat)} scope="col">
                    {nameOf(tags, asked.stat)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times
                .map((time, at) => (
                  <tr key={time} data-time={time}>
                    <th scope="row">{timeText(time)}</th>
                    {some.map(({ tags, values }) => (
                      <td key={nameOf(tags, asked.stat)} data-raw={values[at] ?? ''}>
                        {showText(values[at] ?? null, unit)}
                      </td>
                    ))}
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
