// Health: where everything went that came in: each feed's ledgers, why lines were rejected, how near series are to their
// caps, and who is over them. Loaded when it is first opened; asks each second while it is.

import { useEffect, useMemo } from 'preact/hooks';
import type { Gateway } from '../gateway.ts';
import { show } from '../units.ts';
import './health.css';
import { ArchivePanel } from './archive-panel.tsx';
import { countersOf } from './counters.ts';
import { ChecksPanel, EventsPanel } from './events-panel.tsx';
import { FeedCard } from './feed-card.tsx';
import {
  exact,
  formatNotes,
  hostNotes,
  type IngestStatus,
  percent,
  type Totals,
  totalsOf,
} from './ledgers.ts';
import { Rates } from './rates.ts';
import { RejectedPanel } from './rejected-panel.tsx';
import { SubscribersPanel } from './subscribers-panel.tsx';
import { OffendersPanel, Rejects, SeriesCaps } from './tables.tsx';

export function Health({ gateway }: { gateway: Gateway }) {
  const rates = useMemo(() => new Rates(), []);
  useEffect(() => gateway.watchStatus(), [gateway]);
  const status = gateway.status.value;
  const ingest = status?.ingest;
  if (!status || !ingest)
    return (
      <section class="group">
        <h1>Health</h1>
        <p class="note">{status ? 'This gateway does not tell it.' : 'Waiting for the gateway.'}</p>
      </section>
    );
  rates.take(status.now, status.epoch, countersOf(ingest));
  const totals = totalsOf(ingest.feeds);
  return (
    <section class="group health" data-testid="health">
      <div class="health-head">
        <h1>Health</h1>
        <p class="note">Where everything went that came in since {since(status.started)}</p>
      </div>
      <Tiles totals={totals} ingest={ingest} rates={rates} />
      <div class="feeds">
        {ingest.feeds.map((feed) => (
          <FeedCard
            key={feed.name}
            feed={feed}
            notes={feed.name === 'host' ? hostNotes(ingest.host) : formatNotes(feed)}
            rates={rates}
          />
        ))}
      </div>
      <div class="pair">
        <ChecksPanel
          checks={gateway.checks.value.items}
          total={gateway.checks.value.total}
          now={status.now}
        />
        <EventsPanel events={gateway.events.value.events} now={status.now} />
      </div>
      <Rejects feeds={ingest.feeds} rates={rates} />
      <RejectedPanel now={status.now} />
      <div class="pair">
        <SeriesCaps series={ingest.series} overflowed={totals.overflowed} />
        <OffendersPanel offenders={ingest.offenders ?? { names: [], sources: [] }} />
      </div>
      <div class="pair">
        <SubscribersPanel
          connections={status.connections}
          slow={status.slow ?? []}
          streams={status.streams ?? []}
        />
        {status.archive && <ArchivePanel archive={status.archive} now={status.now} />}
      </div>
    </section>
  );
}

const since = (started: number): string =>
  new Date(started).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

interface TilesProps {
  totals: Totals;
  ingest: IngestStatus;
  rates: Rates;
}

function Tiles({ totals, ingest, rates }: TilesProps) {
  const { lines, accepted, aside, rejected, dropped, atLeast } = totals;
  const perSecond = rates.of('lines');
  const rate = show(perSecond, '/s');
  const full = ingest.series.live >= ingest.series.max;
  return (
    <div class="vitals">
      <Tile label="Lines received" value={rate.number} unit={rate.unit} aside={exact(lines)} />
      <Tile
        label="Lines accepted"
        value={lines === 0 ? '–' : percent(accepted + aside, lines)}
        aside={exact(accepted + aside)}
      />
      <Tile
        label="Lines rejected"
        value={exact(rejected)}
        state={rejected > 0 ? ((rates.of('rejected') ?? 0) > 0 ? 'crit' : 'warn') : 'ok'}
        aside={rejected === 0 ? 'none' : growing(rates.of('rejected'))}
      />
      <Tile
        label="Dropped by the kernel"
        value={`${atLeast ? '≥ ' : ''}${exact(dropped)}`}
        state={dropped > 0 ? ((rates.of('dropped') ?? 0) > 0 ? 'crit' : 'warn') : 'ok'}
        aside={dropped === 0 ? 'none' : growing(rates.of('dropped'))}
      />
      <Tile
        label="Series"
        value={exact(ingest.series.live)}
        state={full ? 'crit' : 'ok'}
        aside={full ? 'at the cap' : `of ${exact(ingest.series.max)}`}
      />
    </div>
  );
}

function growing(rate: number | null): string {
  if (!rate) return 'not now';
  const { number, unit } = show(rate, '/s');
  return `${number} ${unit}`;
}

interface TileProps {
  label: string;
  value: string;
  unit?: string;
  aside: string;
  state?: 'ok' | 'warn' | 'crit';
}

const MARK = { ok: '●', warn: '◆', crit: '▲' };

function Tile({ label, value, unit, aside, state }: TileProps) {
  return (
    <div class="tile" data-state={state ?? 'plain'}>
      <span class="tile-label">
        {label}
        <span class="tile-aside">
          {state && <i aria-hidden="true">{MARK[state]} </i>}
          {aside}
        </span>
      </span>
      <b>
        {value}
        {unit && <small> {unit}</small>}
      </b>
    </div>
  );
}
