import { describe, expect, it } from 'vitest';
import type { Status } from '../gateway.ts';
import { Intake } from './intake.ts';

function status(now: number, produced: number, late: number, rejected = 0, epoch = 'A'): Status {
  const lines = {
    received: produced + rejected,
    accepted: produced,
    rejected,
    reasons: { value: rejected },
    ignored: {},
    cut: {},
  };
  const samples = { produced, own: produced - late, overflow: 0, late, future: 0, late_folded: 0 };
  const series = { live: 0, max: 9, names: 0, names_max: 9, per_name_max: 9, overflowed: 0 };
  const feeds = [{ name: 'udp', address: '', lines, samples }];
  return {
    version: '',
    epoch,
    started: 0,
    listeners: [],
    connections: 0,
    now,
    ingest: { feeds, series },
  };
}

describe('what the gateway took in', () => {
  it('is a rate, and losses of every ledger are counted', () => {
    const intake = new Intake();
    intake.take(status(1000, 100, 0));
    intake.take(status(3000, 300, 4, 6));
    expect([intake.produced, intake.lost]).toEqual([300, 10]);
    expect([intake.samples.at(3000), intake.losses.at(3000)]).toEqual([100, 5]);
  });

  it('tells what was lost lately, and since when it knows', () => {
    const intake = new Intake();
    for (let second = 0; second <= 120; second++)
      intake.take(status(second * 1000, second, second < 100 ? 0 : 7));
    expect(intake.lostWithin(60_000)).toEqual({ lost: 7, ms: 60_000 });
    expect(intake.lostWithin(10_000)).toEqual({ lost: 0, ms: 10_000 });
    expect(intake.lostWithin(900_000)).toEqual({ lost: 7, ms: 120_000 });
  });

  it('begins anew with another run of the server', () => {
    const intake = new Intake();
    intake.take(status(1000, 100, 50));
    intake.take(status(2000, 10, 1, 0, 'B'));
    expect([intake.lost, intake.lostWithin(60_000)]).toEqual([1, { lost: 0, ms: 0 }]);
  });
});
