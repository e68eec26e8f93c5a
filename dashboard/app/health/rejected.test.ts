import { describe, expect, it } from 'vitest';
import { markedLine, placeOf, type RejectedLine } from './rejected.ts';

const line = (text: string, mark: number, more: Partial<RejectedLine> = {}): RejectedLine => ({
  time: 0,
  feed: 'udp/statsd',
  sender: 'local',
  reason: 'bad_value',
  column: mark + 1,
  text,
  mark,
  cut_before: 0,
  cut_after: 0,
  ...more,
});

describe('a rejected line', () => {
  it('is taken apart at its fault', () => {
    expect(markedLine(line('a:0x10|c', 2))).toEqual({ before: 'a:', at: '0', after: 'x10|c' });
    expect(markedLine(line(':1|c', 0))).toEqual({ before: '', at: ':', after: '1|c' });
  });
  it('that lacks something is marked behind its last character', () => {
    expect(markedLine(line('a:1', 3))).toEqual({ before: 'a:1', at: '', after: '' });
    expect(placeOf(line('a:1', 3))).toBe('column 4, its end');
    expect(placeOf(line('a:x|c', 2))).toBe('column 3');
  });
  it('counts characters, not units of UTF-16', () => {
    expect(markedLine(line('😀ä:x', 3)).at).toBe('x');
  });
  it('says on which side something is missing', () => {
    const part = markedLine(line('mid', 1, { cut_before: 9, cut_after: 9 }));
    expect(part).toEqual({ before: '…m', at: 'i', after: 'd…' });
  });
  it('turns nothing around and moves no mark', () => {
    const turned = markedLine(line('a\u202Eb:x', 4));
    expect(turned).toEqual({ before: 'a\uFFFDb:', at: 'x', after: '' });
  });
});
