// EventsPanel and ChecksPanel: what was said besides measurements. What senders wrote is text and nothing else, in an
// isolate of its own, so that no direction of theirs turns our words around.

import {
  ageOf,
  type Check,
  checkKey,
  clockOf,
  LEVELS,
  type Level,
  oneLine,
  plain,
  STATUS_LEVEL,
  type WeirEvent,
  wordOf,
} from '../events.ts';

/** A short list: the whole one is the API's. */
const ROWS_MAX = 10;
const TEXT_CHARACTERS = 300;

function State({ level, word }: { level: Level; word: string }) {
  return (
    <span class="state" data-level={level}>
      <i aria-hidden="true">{LEVELS[level].mark}</i> {word}
    </span>
  );
}

const tagText = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => (value ? `${key}:${value}` : key))
    .join(', ');

interface SaidProps {
  text: string;
  tags: Record<string, string>;
}

function Said({ text, tags }: SaidProps) {
  const tagged = tagText(tags);
  return (
    <>
      {text && <bdi>{plain(text).slice(0, TEXT_CHARACTERS)}</bdi>}
      {tagged && (
        <span class="hint">
          <bdi>{oneLine(tagged, TEXT_CHARACTERS)}</bdi>
        </span>
      )}
    </>
  );
}

function Host({ name }: { name: string }) {
  return <td>{name && <bdi>{oneLine(name, TEXT_CHARACTERS)}</bdi>}</td>;
}

/** `now`: of the server's clock, which gave the times. */
export function EventsPanel({ events, now }: { events: readonly WeirEvent[]; now: number }) {
  const rows = events.slice(-ROWS_MAX).reverse();
  return (
    <section class="panel listed" data-testid="events">
      <h2>
        Events <span class="stat">and checks that changed, the newest first</span>
      </h2>
      {rows.length === 0 ? (
        <p class="note">
          None came yet. A deploy, told by its script: <code>{'_e{6,2}:deploy|v2'}</code> to a
          StatsD port.
        </p>
      ) : (
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">Text and tags</th>
              <th scope="col">Host</th>
              <th scope="col" class="number">
                When
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((event) => (
              <tr key={event.id} data-testid="event" data-level={event.level}>
                <th scope="row">
                  <bdi>{oneLine(event.title, TEXT_CHARACTERS)}</bdi>
                  <State level={event.level} word={wordOf(event)} />
                </th>
                <td class="meaning">
                  <Said text={event.text} tags={event.tags} />
                </td>
                <Host name={event.host} />
                <td class="number" title={ageOf(event.time, now)}>
                  {clockOf(event.time, now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {events.length > ROWS_MAX && (
        <p class="note">
          Older ones: <code>/api/v1/events</code>
        </p>
      )}
    </section>
  );
}

interface ChecksProps {
  /** The worst first. */
  checks: readonly Check[];
  total: number;
  now: number;
}

export function ChecksPanel({ checks, total, now }: ChecksProps) {
  return (
    <section class="panel listed" data-testid="checks">
      <h2>
        Service checks <span class="stat">what each said last, the worst first</span>
      </h2>
      {checks.length === 0 ? (
        <p class="note">
          None came yet. A check says <code>_sc|db.up|0|h:db-1</code>: 0 ok, 1 warning, 2 critical,
          3 unknown.
        </p>
      ) : (
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">Check</th>
              <th scope="col">Message and tags</th>
              <th scope="col">Host</th>
              <th scope="col" class="number">
                Heard
              </th>
            </tr>
          </thead>
          <tbody>
            {checks.slice(0, ROWS_MAX).map((check) => (
              <tr key={checkKey(check)} data-testid="check" data-status={check.status}>
                <th scope="row">
                  <bdi>{oneLine(check.name, TEXT_CHARACTERS)}</bdi>
                  <State level={STATUS_LEVEL[check.status]} word={check.status} />
                </th>
                <td class="meaning">
                  <Said text={check.message} tags={check.tags} />
                </td>
                <Host name={check.host} />
                <td class="number" title={clockOf(check.time, now)}>
                  {ageOf(check.time, now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {total > ROWS_MAX && (
        <p class="note">
          and {total - ROWS_MAX} more: <code>/api/v1/checks</code>
        </p>
      )}
    </section>
  );
}
