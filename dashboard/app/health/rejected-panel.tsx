// RejectedPanel: the last lines that could not be read, each with the place where reading gave up marked under it. What
// senders wrote is text and nothing else, each piece in an isolate of its own.

import { usePolled } from '../ask.ts';
import { ageOf, clockOf } from '../events.ts';
import { exact } from './ledgers.ts';
import { reasonOf } from './reasons.ts';
import {
  markedLine,
  placeOf,
  REJECTED_PATH,
  type RejectedAnswer,
  type RejectedLine,
} from './rejected.ts';

const EVERY_MS = 1000;

/** `now`: of the server's clock, which gave the times. */
export function RejectedPanel({ now }: { now: number }) {
  const answer = usePolled<RejectedAnswer>(REJECTED_PATH, EVERY_MS);
  const lines = answer?.items ?? [];
  if (lines.length === 0) return null;
  return (
    <section class="panel listed" data-testid="rejected">
      <h2>
        Last rejected lines <span class="stat">the newest first, marked where reading gave up</span>
      </h2>
      <ol class="lines">
        {lines.map((line) => (
          <Line key={`${line.time} ${line.feed} ${line.text}`} line={line} now={now} />
        ))}
      </ol>
      {answer && answer.passed_over > 0 && (
        <p class="note">
          {exact(answer.passed_over)} more came too fast to be shown; they are counted above.
        </p>
      )}
    </section>
  );
}

function Line({ line, now }: { line: RejectedLine; now: number }) {
  const { before, at, after } = markedLine(line);
  return (
    <li data-testid="rejected-line" data-reason={line.reason} data-column={line.column}>
      <p class="why">
        <b>{line.reason}</b> <span>{reasonOf(line.reason).meaning}</span>
        <span class="stat" title={clockOf(line.time, now)}>
          {ageOf(line.time, now)}
        </span>
      </p>
      <code class="line">
        <bdi>{before}</bdi>
        <mark data-testid="mark">{at || '\u00a0'}</mark>
        <bdi>{after}</bdi>
      </code>
      <p class="stat">
        {placeOf(line)} · {line.feed} · from {line.sender}
      </p>
    </li>
  );
}
