// Ledgers: what /api/v1/status says of ingest, as parts that sum to the whole. Pure.

/** Of each feed, all workers together; what a feed never has is absent. */
export interface FeedStatus {
  name: string;
  address: string;
  bytes?: number;
  datagrams?: { offered: number; received: number; kernel_dropped: number; lower_bound: boolean };
  connections?: Record<string, number>;
  lines?: {
    received: number;
    accepted: number;
    rejected: number;
    reasons: Record<string, number>;
    ignored: Record<string, number>;
    cut: Record<string, number>;
    /** Parts of accepted lines that were left out. */
    notes?: Record<string, number>;
  };
  samples: {
    produced: number;
    own: number;
    overflow: number;
    late: number;
    future: number;
    late_folded: number;
    limited?: Record<string, number>;
  };
}
/** Recent, the worst first; `samples` is at most so many, and at least that less `error`. */
export interface Offenders {
  names: {
    name: string;
    cap: string;
    samples: number;
    error: number;
    tag: string;
    tag_values: number;
  }[];
  sources: { address: string; offence: string; samples: number; error: number }[];
}
export interface IngestStatus {
  feeds: FeedStatus[];
  series: {
    live: number;
    max: number;
    names: number;
    names_max: number;
    per_name_max: number;
    /** Series that ran into a cap of all workers together, limits.memory among them. */
    overflowed: number;
  };
  host?: { sources_missing: number; devices_folded: number };
  offenders?: Offenders;
}

/** `good` was counted as it came, `aside` is no measurement, `folded` kept its total, `lost` is gone. */
export type Fate = 'good' | 'aside' | 'folded' | 'lost';
export interface Part {
  key: string;
  label: string;
  fate: Fate;
  count: number;
}
export interface Ledger {
  unit: 'datagrams' | 'lines' | 'samples';
  /** What came; the parts sum to it. */
  whole: number;
  parts: Part[];
  /** A word that the numbers need. */
  note?: string;
}

const WORDS: Record<string, string> = { annotation: 'events and service checks' };
const words = (name: string) => WORDS[name] ?? name.replaceAll('_', ' ');

/** Parts that hold something, in the order given; what is missing to the whole is a part as well. */
function ledger(unit: Ledger['unit'], whole: number, parts: Part[]): Ledger {
  const sum = parts.reduce((total, part) => total + part.count, 0);
  const rest: Part[] =
    sum === whole
      ? []
      : [{ key: 'unaccounted', label: 'unaccounted for', fate: 'lost', count: whole - sum }];
  // The first part always stands there: it is what one hopes to see.
  return { unit, whole, parts: [...parts.filter((p, at) => at === 0 || p.count > 0), ...rest] };
}

const partsOf = (counts: Record<string, number> | undefined, fate: Fate, prefix = ''): Part[] =>
  Object.entries(counts ?? {}).map(([name, count]) => ({
    key: prefix + name,
    label: prefix + words(name),
    fate,
    count,
  }));

/** The ledgers that this feed has, in the order in which things pass through it. */
export function ledgersOf(feed: FeedStatus): Ledger[] {
  const { datagrams, lines, samples } = feed;
  const all: Ledger[] = [];
  if (datagrams) {
    const at = ledger('datagrams', datagrams.offered, [
      { key: 'received', label: 'received', fate: 'good', count: datagrams.received },
      {
        key: 'kernel_dropped',
        label: 'dropped by the kernel',
        fate: 'lost',
        count: datagrams.kernel_dropped,
      },
    ]);
    if (datagrams.lower_bound) at.note = 'at least: the kernel counts merged datagrams as one';
    all.push(at);
  }
  if (lines)
    all.push(
      ledger('lines', lines.received, [
        { key: 'accepted', label: 'accepted', fate: 'good', count: lines.accepted },
        ...partsOf(lines.ignored, 'aside'),
        ...partsOf(lines.reasons, 'lost', 'rejected: '),
        ...partsOf(lines.cut, 'lost', 'cut: '),
      ]),
    );
  all.push(
    ledger('samples', samples.produced, [
      { key: 'own', label: 'in their own series', fate: 'good', count: samples.own },
      { key: 'overflow', label: 'in an overflow series', fate: 'folded', count: samples.overflow },
      { key: 'late', label: 'too late', fate: 'lost', count: samples.late },
      { key: 'future', label: 'too far ahead', fate: 'lost', count: samples.future },
      ...partsOf(samples.limited, 'lost', 'limited by '),
    ]),
  );
  return all;
}

/** What a reader of this machine did not find, or had no row for. */
export function hostNotes(host: IngestStatus['host']): string[] {
  const notes: string[] = [];
  if (host && host.sources_missing > 0)
    notes.push(`${exact(host.sources_missing)} sources of this machine gave nothing`);
  if (host && host.devices_folded > 0)
    notes.push(`${exact(host.devices_folded)} devices share a row, or have none`);
  return notes;
}

/** What went past a cap, in words: samples as their workers know it, and series that all workers together had no room for. */
export function capNote(samples: number, series: number): string {
  if (samples + series === 0) return 'No series and no sample went past a cap.';
  const told = [];
  if (series > 0) told.push(`${exact(series)} series`);
  if (samples > 0) told.push(`${exact(samples)} ${samples === 1 ? 'sample' : 'samples'}`);
  return `${told.join(' and ')} went past a cap: their totals stand in overflow series.`;
}

const NOTES: Record<string, [one: string, many: string, why: string]> = {
  rate_ignored: ['sample rate', 'sample rates', 'a gauge or a set has none'],
  unknown_field: ['unknown field', 'unknown fields', 'the rest of the line was counted'],
  string_field: ['text field', 'text fields', 'only numbers are measured'],
};

/** What was left out of lines that were accepted, in words for their sender. */
export function formatNotes({ lines }: FeedStatus): string[] {
  return Object.entries(lines?.notes ?? {}).flatMap(([name, count]) => {
    if (count === 0) return [];
    const [one, many, why] = NOTES[name] ?? [words(name), words(name), ''];
    return [`${exact(count)} ${count === 1 ? one : many} left out${why && `: ${why}`}`];
  });
}

/** A share of the whole in words that never hide a loss: 100 % and 0 % are said of exactly that. */
export function percent(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %';
  if (part >= whole) return '100 %';
  const share = (100 * part) / whole;
  if (share < 0.01) return '< 0.01 %';
  if (share > 99.99) return '> 99.99 %';
  return `${share.toFixed(2)} %`;
}

const GROUPS = new Intl.NumberFormat('en-US');
/** Every digit: 1,234,567. */
export const exact = (count: number): string => GROUPS.format(count);

export interface Rejected {
  feed: string;
  reason: string;
  count: number;
}
/** Of all feeds, the most frequent first. */
export function rejectedOf(feeds: readonly FeedStatus[]): Rejected[] {
  return feeds
    .flatMap(({ name, lines }) =>
      Object.entries(lines?.reasons ?? {}).map(([reason, count]) => ({
        feed: name,
        reason,
        count,
      })),
    )
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export interface Totals {
  lines: number;
  accepted: number;
  /** Lines that hold no sample and are none the worse for it: events, checks, comments. */
  aside: number;
  rejected: number;
  dropped: number;
  /** Samples in overflow series. */
  overflowed: number;
  /** Some feed's drops are a lower bound. */
  atLeast: boolean;
}
export function totalsOf(feeds: readonly FeedStatus[]): Totals {
  const totals: Totals = {
    lines: 0,
    accepted: 0,
    aside: 0,
    rejected: 0,
    dropped: 0,
    overflowed: 0,
    atLeast: false,
  };
  for (const { lines, datagrams, samples } of feeds) {
    totals.lines += lines?.received ?? 0;
    totals.accepted += lines?.accepted ?? 0;
    for (const count of Object.values(lines?.ignored ?? {})) totals.aside += count;
    totals.rejected += lines?.rejected ?? 0;
    totals.dropped += datagrams?.kernel_dropped ?? 0;
    totals.overflowed += samples.overflow;
    totals.atLeast ||= datagrams?.lower_bound ?? false;
  }
  return totals;
}
