// ArchivePanel: how the past on disk does: its state, how full, how far back, what of it is missing.

import { clockOf, LEVELS } from '../events.ts';
import { type ArchiveStatus, bytesOf, holesOf, spanOf, stateOf } from './archive.ts';
import { exact, percent } from './ledgers.ts';

/** `now`: of the server's clock, which gave the times. */
export function ArchivePanel({ archive, now }: { archive: ArchiveStatus; now: number }) {
  const { level, word, meaning } = stateOf(archive);
  return (
    <section class="panel listed" data-testid="archive" data-state={archive.state}>
      <h2>
        Archive{' '}
        <span class="state-word" data-level={level}>
          <i aria-hidden="true">{LEVELS[level].mark}</i> {word}
        </span>
      </h2>
      <p class="note">{meaning}</p>
      {archive.state !== 'off' && <Kept archive={archive} now={now} />}
    </section>
  );
}

function Kept({ archive, now }: { archive: ArchiveStatus; now: number }) {
  const { bytes, max_bytes, checkpoint_bytes, waiting_bytes, oldest, deltas_lost, shed } = archive;
  const used = bytes + checkpoint_bytes;
  const full = Math.min(1, used / max_bytes);
  return (
    <>
      <div class="cap">
        <span>
          On disk <code>archive.max_bytes</code>
        </span>
        <span class="cap-number">
          <b>{bytesOf(used)}</b> of {bytesOf(max_bytes)} · {percent(used, max_bytes)}
        </span>
        <div class="shares" role="img" aria-label={`${bytesOf(used)} of ${bytesOf(max_bytes)}`}>
          <i data-fate={full > 0.9 ? 'folded' : 'accent'} style={{ flexGrow: String(full) }} />
          <i data-fate="rest" style={{ flexGrow: String(1 - full) }} />
        </div>
      </div>
      <dl class="facts">
        <Fact
          name="Begins"
          value={oldest === null ? 'nothing is filed yet' : `${spanOf(now - oldest)} ago`}
        >
          {oldest !== null && clockOf(oldest, now)}
        </Fact>
        <Fact name="Holes" value={holesOf(archive)}>
          {deltas_lost > 0 && `${exact(deltas_lost)} changes were never written`}
        </Fact>
        <Fact name="Waits for the disk" value={bytesOf(waiting_bytes)} />
        <Fact name="Left early for room" value={shed === 0 ? 'none' : `${exact(shed)} parts`} />
      </dl>
    </>
  );
}

interface FactProps {
  name: string;
  value: string;
  children?: string | false;
}

function Fact({ name, value, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {children && <span class="hint">{children}</span>}
      </dd>
    </div>
  );
}
