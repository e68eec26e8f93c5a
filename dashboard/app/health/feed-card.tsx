// FeedCard: one feed: a bar for each of its ledgers, and the exact numbers that the bar is made of.

import { show } from '../units.ts';
import { bytesKey, partKey } from './counters.ts';
import { exact, type FeedStatus, type Ledger, ledgersOf, type Part, percent } from './ledgers.ts';
import type { Rates } from './rates.ts';

interface FeedProps {
  feed: FeedStatus;
  /** What its ledgers do not hold. */
  notes: string[];
  rates: Rates;
}

const TITLE = { datagrams: 'Datagrams', lines: 'Lines', samples: 'Samples' };

function perSecond(rate: number | null): string {
  const { number, unit } = show(rate, '/s');
  return unit ? `${number} ${unit}` : number;
}

export function FeedCard({ feed, notes, rates }: FeedProps) {
  const bytes = show(rates.of(bytesKey(feed.name)), 'bytes/s');
  return (
    <article class="panel feed" data-testid="feed" data-feed={feed.name}>
      <header>
        <h2>{feed.name}</h2>
        <span class="stat">{feed.address}</span>
        <span class="asides">
          {feed.connections && <span>{exact(feed.connections.open ?? 0)} connected</span>}
          {feed.bytes !== undefined && (
            <span>
              <b>{bytes.number}</b> {bytes.unit}
            </span>
          )}
        </span>
      </header>
      {ledgersOf(feed).map((ledger) => (
        <LedgerView key={ledger.unit} feed={feed.name} ledger={ledger} rates={rates} />
      ))}
      {notes.map((note) => (
        <p key={note} class="stat">
          {note}
        </p>
      ))}
    </article>
  );
}

interface LedgerProps {
  feed: string;
  ledger: Ledger;
  rates: Rates;
}

function LedgerView({ feed, ledger, rates }: LedgerProps) {
  const { unit, whole, parts, note } = ledger;
  const said = parts.map((part) => `${part.label} ${percent(part.count, whole)}`).join(', ');
  return (
    <section class="ledger" data-testid="ledger" data-unit={unit}>
      <h3>
        {TITLE[unit]}
        <span class="stat">
          <b>{exact(whole)}</b> · {perSecond(rates.of(partKey(feed, unit, '')))}
        </span>
      </h3>
      <div
        class="shares"
        data-testid="bar"
        role="img"
        aria-label={whole === 0 ? `${TITLE[unit]}: none yet` : `${TITLE[unit]}: ${said}`}
      >
        {whole > 0 && parts.map((part) => <Slice key={part.key} part={part} whole={whole} />)}
      </div>
      {whole > 0 && (
        <table class="parts">
          <tbody>
            {parts.map((part) => (
              <tr key={part.key} data-testid="part" data-part={part.key} data-raw={part.count}>
                <th scope="row">
                  <span class="part-name">
                    <i class="key" data-fate={part.fate} aria-hidden="true" />
                    <span>{part.label}</span>
                  </span>
                </th>
                <td>{exact(part.count)}</td>
                <td>{percent(part.count, whole)}</td>
                <td>{perSecond(rates.of(partKey(feed, unit, part.key)))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {note && <p class="stat">{note}</p>}
    </section>
  );
}

function Slice({ part, whole }: { part: Part; whole: number }) {
  if (part.count <= 0) return null;
  return (
    <i
      data-fate={part.fate}
      title={`${part.label}: ${exact(part.count)}, ${percent(part.count, whole)}`}
      style={{ flexGrow: String(part.count / whole) }}
    />
  );
}
