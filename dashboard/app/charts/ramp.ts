// Ramp: the colours of a heatmap's counts. The rarest count is seen on the surface; zero is the surface. Pure.

import type { Theme } from '../colours.ts';

const STOPS: Record<Theme, readonly string[]> = {
  dark: ['#1b2956', '#3a78c8', '#3cb4be', '#a0de96', '#faf496'],
  light: ['#e2eafa', '#789be4', '#2d3aa5', '#1e1469'],
};
/** Counts are not seen in proportion: a rare one would be lost beside a frequent one. */
const EXPONENT = 0.55;
const SHADES = 256;

const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function shades(stops: readonly string[]): Uint32Array {
  const colours = stops.map(channels);
  return Uint32Array.from({ length: SHADES }, (_, shade) => {
    const place = (shade / (SHADES - 1)) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const mixed = [0, 1, 2].map((channel) => {
      const from = colours[below]?.[channel] ?? 0;
      const to = colours[below + 1]?.[channel] ?? 0;
      return Math.round(from + (to - from) * (place - below));
    });
    const [red = 0, green = 0, blue = 0] = mixed;
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
const TABLES: Record<Theme, Uint32Array> = {
  dark: shades(STOPS.dark),
  light: shades(STOPS.light),
};

/** The pixel of a count (in the byte order of ImageData on every machine that browsers run on); 0, nothing, of none. */
export function pixelOf(count: number, most: number, theme: Theme): number {
  if (!(count > 0)) return 0;
  const shade = Math.round((count / most) ** EXPONENT * (SHADES - 1));
  return TABLES[theme][Math.min(shade, SHADES - 1)] as number;
}
