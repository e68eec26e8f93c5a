import { describe, expect, it } from 'vitest';
import { type ArchiveStatus, holesOf, spanOf, stateOf } from './archive.ts';

const archive = (more: Partial<ArchiveStatus>): ArchiveStatus => ({
  state: 'ok',
  bytes: 0,
  max_bytes: 10,
  checkpoint_bytes: 0,
  waiting_bytes: 0,
  oldest: null,
  holes: 0,
  holes_ms: 0,
  deltas_lost: 0,
  shed: 0,
  ...more,
});

describe('the archive', () => {
  it('says each state by a word and its gravity', () => {
    expect(stateOf(archive({}))).toMatchObject({ level: 'success', word: 'writing' });
    expect(stateOf(archive({ state: 'away' })).level).toBe('error');
    expect(stateOf(archive({ state: 'degraded' })).level).toBe('warning');
    expect(stateOf(archive({ state: 'off' })).meaning).toContain('archive.path');
  });
  it('says how much is missing', () => {
    expect(holesOf(archive({}))).toBe('none');
    expect(holesOf(archive({ holes: 2, holes_ms: 15_000 }))).toBe('2, 15 s together');
  });
  it('says spans in the unit that fits', () => {
    expect([1000, 119_000, 600_000, 7_200_000, 2 * 86_400_000].map(spanOf)).toEqual([
      '1 s',
      '119 s',
      '10 min',
      '2 h',
      '2 d',
    ]);
  });
});
