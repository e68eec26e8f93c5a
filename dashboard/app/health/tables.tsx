// Tables of the health screen: why lines were rejected, how near series are to their caps, and who is over them. What
// senders wrote is text and nothing else.

import { show } from '../units.ts';
import { partKey } from './counters.ts';
import {
  capNote,
  exact,
  type FeedStatus,
  type IngestStatus,
  type Offenders,
  percent,
  rejectedOf,
} from './ledgers.ts';
import type { Rates } from './rates.ts';
import { reasonOf } from './reasons.ts';

const ROWS_MAX = 50;

export function Rejects({ feeds, rates }: { feeds: readonly FeedStatus[]; rates: Rates }) {
  const rows = rejectedOf(feeds);
  return (
    <section class="panel listed" data-testid="rejects">
      <h2>Rejected lines, by reason</h2>
      {rows.length === 0 ? (
        <p class="note">No line was rejected.</p>
      ) : (
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">What it means</th>
              <th scope="col">Feed</th>
              <th scope="col" class="number">
                Lines
              </th>
              <th scope="col" class="number">
                Now
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_MAX).map(({ feed, reason, count }) => {
              const { meaning, example } = reasonOf(reason);
              const rate = show(rates.of(partKey(feed, 'lines', `rejected: ${reason}`)), '/s');
              return (
                <tr key={`${feed} ${reason}`} data-testid="reject" data-reason={reason}>
                  <th scope="row">{reason}</th>
                  <td class="meaning">
                    {meaning} {example && <code>{example}</code>}
                  </td>
                  <td>{feed}</td>
                  <td class="number" data-label="lines">
                    {exact(count)}
                  </td>
                  <td class="number" data-label="now">
                    {rate.number} {rate.unit}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface CapsProps {
  series: IngestStatus['series'];
  /** Samples that went into overflow series. */
  overflowed: number;
}

export function SeriesCaps({ series, overflowed }: CapsProps) {
  return (
    <section class="panel listed" data-testid="caps">
      <h2>Series against their caps</h2>
      <Cap label="Series" key_="limits.series" now={series.live} most={series.max} />
      <Cap label="Metric names" key_="limits.names" now={series.names} most={series.names_max} />
      <p class="note">
        {capNote(overflowed, series.overflowed)} At most {exact(series.per_name_max)} series of one
        name.
      </p>
    </section>
  );
}

interface CapProps {
  label: string;
  key_: string;
  now: number;
  most: number;
}

function Cap({ label, key_, now, most }: CapProps) {
  const fate = now >= most ? 'lost' : now > 0.9 * most ? 'folded' : 'accent';
  return (
    <div class="cap">
      <span>
        {label} <code>{key_}</code>
      </span>
      <span class="cap-number">
        <b>{exact(now)}</b> of {exact(most)} · {percent(now, most)}
      </span>
      <div class="shares" role="img" aria-label={`${label}: ${exact(now)} of ${exact(most)}`}>
        <i data-fate={fate} style={{ flexGrow: String(Math.min(1, now / most)) }} />
        <i data-fate="rest" style={{ flexGrow: String(Math.max(0, 1 - now / most)) }} />
      </div>
    </div>
  );
}

const OFFENCES: Record<string, string> = {
  rate: 'more samples a second than its feed allows',
  not_allowed: 'not in the allow-list of its feed',
  new_series: 'samples that folded into overflow series',
  writes: 'writes over HTTP past http.writers_rate',
};

export function OffendersPanel({ offenders }: { offenders: Offenders }) {
  const { names, sources } = offenders;
  return (
    <section class="panel listed" data-testid="offenders">
      <h2>
        Past a cap or a limit <span class="stat">in the last minutes</span>
      </h2>
      {names.length + sources.length === 0 && (
        <p class="note">No metric and no sender went past one.</p>
      )}
      {names.length > 0 && (
        <OffenderTable
          what="Metric"
          rows={names.map(({ name, cap, samples, error, tag, tag_values }) => ({
            key: `${cap} ${name}`,
            name,
            why: `limits.${cap}`,
            hint: tag ? `most values: tag ${tag}, about ${exact(tag_values)}` : '',
            samples,
            error,
          }))}
        />
      )}
      {sources.length > 0 && (
        <OffenderTable
          what="Sender"
          rows={sources.map(({ address, offence, samples, error }) => ({
            key: `${offence} ${address}`,
            name: address,
            why: OFFENCES[offence] ?? offence,
            hint: '',
            samples,
            error,
          }))}
        />
      )}
    </section>
  );
}

interface OffenderRow {
  key: string;
  name: string;
  why: string;
  hint: string;
  samples: number;
  error: number;
}

function OffenderTable({ what, rows }: { what: string; rows: OffenderRow[] }) {
  return (
    <table class="wide">
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col">Ran into</th>
          <th scope="col" class="number">
            Samples
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, why, hint, samples, error }) => (
          <tr key={key} data-testid="offender" data-name={name}>
            <th scope="row">{name}</th>
            <td class="meaning">
              {why}
              {hint && <span class="hint">{hint}</span>}
            </td>
            <td class="number" data-label="samples">
              {error > 0 ? `${exact(samples - error)} to ${exact(samples)}` : exact(samples)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
