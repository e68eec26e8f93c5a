import { describe, expect, it } from 'vitest';
import { changeOf, NO_CHANGE } from './change.ts';

const brief = (value: number | null, baseline: number | null, worse: 'up' | 'down' | 'neither') => {
  const { level, shape, text } = changeOf(value, baseline, worse);
  return [level, shape, text].join(' ').trim();
};

describe('a change against the baseline', () => {
  it('is percent while it is small, a multiple when it is great', () => {
    expect(brief(97, 100, 'neither')).toBe('same  −3 %');
    expect(brief(100, 100, 'up')).toBe('same  ±0 %');
    expect(brief(240, 100, 'up')).toBe('crit ▲ 2.4×');
    expect(brief(1200, 100, 'up')).toBe('crit ▲ 12×');
    expect(brief(160, 100, 'up')).toBe('warn ▲ 1.6×');
  });

  it('is judged by which way is bad', () => {
    expect(brief(240, 100, 'neither')).toBe('same ▲ 2.4×');
    expect(brief(240, 100, 'down')).toBe('same ▲ 2.4×');
    expect(brief(40, 100, 'down')).toBe('crit ▼ −60 %');
    expect(brief(40, 100, 'neither')).toBe('warn ▼ −60 %');
    expect(brief(0, 100, 'up')).toBe('same ▼ −100 %');
  });

  it('is not told where there is nothing to compare', () => {
    expect(changeOf(null, 1, 'up')).toBe(NO_CHANGE);
    expect(changeOf(1, null, 'up')).toBe(NO_CHANGE);
    expect(changeOf(0, 0, 'up')).toBe(NO_CHANGE);
    expect(changeOf(-1, 5, 'up')).toBe(NO_CHANGE);
    expect(brief(3, 0, 'up')).toBe('warn ▲ new');
  });

  it('is said in words, too', () => {
    expect(changeOf(240, 100, 'up').said).toBe('2.4 times the baseline');
    expect(changeOf(97, 100, 'up').said).toBe('3 percent below the baseline');
  });
});
