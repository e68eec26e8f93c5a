import { describe, expect, it } from 'vitest';
import { pixelOf } from './ramp.ts';

const hex = (pixel: number) =>
  [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('');

describe("a heatmap's colours", () => {
  it('are the surface of nothing, and end where the ramp ends', () => {
    expect(pixelOf(0, 10, 'dark')).toBe(0);
    expect([hex(pixelOf(10, 10, 'dark')), hex(pixelOf(10, 10, 'light'))]).toEqual([
      'faf496',
      '1e1469',
    ]);
    expect(pixelOf(10, 10, 'dark') >>> 24).toBe(255);
  });

  it('rise with the 0.55th power of the count', () => {
    // (1/4)^0.55 = 0.4665 of the way along the ramp, which has four parts in the dark: 0.866 into the second.
    expect(hex(pixelOf(25, 100, 'dark'))).toBe('3cacbf');
    // The rarest is still seen.
    expect(pixelOf(1, 1e9, 'light')).not.toBe(0);
  });
});
