import { describe, expect, it } from 'vitest';
import {
  capNote,
  exact,
  type FeedStatus,
  formatNotes,
  hostNotes,
  ledgersOf,
  percent,
  rejectedOf,
  totalsOf,
} from './ledgers.ts';

const feed = (changes: Partial<FeedStatus> = {}): FeedStatus => ({
  name: 'udp/statsd',
  address: '127.0.0.1:8125',
  bytes: 4000,
  datagrams: { offered: 12, received: 10, kernel_dropped: 2, lower_bound: false },
  lines: {
    received: 100,
    accepted: 90,
    rejected: 6,
    reasons: { bad_value: 5, missing_kind: 1 },
    ignored: { blank: 2, comment: 0, annotation: 1 },
    cut: { truncated: 1, tcp_tail: 0 },
  },
  samples: {
    produced: 95,
    own: 90,
    overflow: 1,
    late: 1,
    future: 0,
    late_folded: 0,
    limited: { rate: 3, source: 0 },
  },
  ...changes,
});

describe('a ledger', () => {
  it('is there for datagrams, lines and samples, and its parts sum to the whole', () => {
    const ledgers = ledgersOf(feed());
    expect(ledgers.map(({ unit, whole }) => [unit, whole])).toEqual([
      ['datagrams', 12],
      ['lines', 100],
      ['samples', 95],
    ]);
    for (const { whole, parts } of ledgers)
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(whole);
  });

  it('names every reason, and leaves out what is empty', () => {
    const lines = ledgersOf(feed())[1];
    expect(lines?.parts.map(({ label, fate, count }) => [label, fate, count])).toEqual([
      ['accepted', 'good', 90],
      ['blank', 'aside', 2],
      ['events and service checks', 'aside', 1],
      ['rejected: bad value', 'lost', 5],
      ['rejected: missing kind', 'lost', 1],
      ['cut: truncated', 'lost', 1],
    ]);
  });

  it('shows what the numbers leave open, which must never be', () => {
    const samples = { produced: 10, own: 7, overflow: 0, late: 0, future: 0, late_folded: 0 };
    const parts = ledgersOf(feed({ samples })).at(-1)?.parts;
    expect(parts?.at(-1)).toMatchObject({ key: 'unaccounted', fate: 'lost', count: 3 });
  });

  it('is not there for what a feed never has', () => {
    const { datagrams: _, lines: __, ...host } = feed({ name: 'host' });
    expect(ledgersOf(host).map(({ unit }) => unit)).toEqual(['samples']);
  });

  it('says when its drops are a lower bound', () => {
    const datagrams = { offered: 12, received: 10, kernel_dropped: 2, lower_bound: true };
    expect(ledgersOf(feed({ datagrams }))[0]?.note).toMatch(/at least/);
    expect(ledgersOf(feed())[0]?.note).toBeUndefined();
  });

  it('of nothing still says what it waits for', () => {
    const datagrams = { offered: 0, received: 0, kernel_dropped: 0, lower_bound: false };
    expect(ledgersOf(feed({ datagrams }))[0]?.parts).toHaveLength(1);
  });
});

describe('this machine', () => {
  it('is noted where something of it is not told', () => {
    expect(hostNotes(undefined)).toEqual([]);
    expect(hostNotes({ sources_missing: 0, devices_folded: 0 })).toEqual([]);
    expect(hostNotes({ sources_missing: 2, devices_folded: 1 })).toHaveLength(2);
  });
});

describe('a share', () => {
  it.each([
    [0, 0, '0 %'],
    [0, 5, '0 %'],
    [5, 5, '100 %'],
    [1, 3, '33.33 %'],
    [1, 1_000_000, '< 0.01 %'],
    [999_999, 1_000_000, '> 99.99 %'],
    [1, 100, '1.00 %'],
  ])('%i of %i is %s', (part, whole, text) => {
    expect(percent(part, whole)).toBe(text);
  });
  it('is of numbers with every digit', () => {
    expect(exact(1234567)).toBe('1,234,567');
  });
});

describe('all feeds together', () => {
  const feeds = [
    feed(),
    feed({ name: 'tcp/statsd', lines: { ...feed().lines, reasons: { bad_rate: 7 } } as never }),
  ];
  it('give reasons, the most frequent first', () => {
    expect(rejectedOf(feeds).map(({ feed, reason, count }) => [feed, reason, count])).toEqual([
      ['tcp/statsd', 'bad_rate', 7],
      ['udp/statsd', 'bad_value', 5],
      ['udp/statsd', 'missing_kind', 1],
    ]);
  });
  it('give totals', () => {
    expect(totalsOf(feeds)).toEqual({
      lines: 200,
      accepted: 180,
      aside: 6,
      rejected: 12,
      dropped: 4,
      overflowed: 2,
      atLeast: false,
    });
  });
});

describe('what went past a cap', () => {
  it.each([
    [0, 0, 'No series and no sample went past a cap.'],
    [5, 0, '5 samples went past a cap: their totals stand in overflow series.'],
    [0, 7, '7 series went past a cap: their totals stand in overflow series.'],
    [1, 2, '2 series and 1 sample went past a cap: their totals stand in overflow series.'],
  ])('of %i samples and %i series is told', (samples, series, text) => {
    expect(capNote(samples, series)).toBe(text);
  });
});

describe('what was left out of good lines', () => {
  it('is told in words, and nothing is told of nothing', () => {
    expect(formatNotes(feed())).toEqual([]);
    const lines = feed().lines;
    if (!lines) throw new Error('it has lines');
    const notes = { rate_ignored: 0, unknown_field: 1, string_field: 1234, brand_new: 2 };
    expect(formatNotes(feed({ lines: { ...lines, notes } }))).toEqual([
      '1 unknown field left out: the rest of the line was counted',
      '1,234 text fields left out: only numbers are measured',
      '2 brand new left out',
    ]);
  });
});
