// How numbers are shown. A metric's unit is guessed from its name and kind, by the field's naming habits.

import type { Kind } from './gateway.ts';

/** `ratio` is 0 to 1 and shown in percent; `%` is in percent already. */
export type Unit = 'ms' | 'bytes' | 'bytes/s' | 'ratio' | '%' | '/s' | '';

const RATIO = /(\.|_|^)(utilization|ratio)$/;
const PERCENT = /(\.|_|^)(percent|pct)$/;
const BYTES = /(memory\.usage|\.io|bytes|_bytes|\.size)$/;
/** Distributions come as timers do; most of what has these names is no time. */
const AMOUNT = /(\.|_|^)(value|amount|price|count|length)$/;

export function unitOf(metric: string, kind: Kind): Unit {
  if (kind === 'timer') return BYTES.test(metric) ? 'bytes' : AMOUNT.test(metric) ? '' : 'ms';
  if (kind === 'counter') return BYTES.test(metric) ? 'bytes/s' : '/s';
  if (RATIO.test(metric)) return 'ratio';
  if (PERCENT.test(metric)) return '%';
  return BYTES.test(metric) ? 'bytes' : '';
}

export interface Shown {
  number: string;
  unit: string;
}

/** Three significant figures and a unit: 12.5 ms, 4.52k /s, 61.3 MB, 8.1 %. */
export function show(value: number | null, unit: Unit): Shown {
  if (value === null || !Number.isFinite(value)) return { number: '–', unit: '' };
  switch (unit) {
    case 'ms':
      return duration(value);
    case 'ratio':
      return { number: figures(value * 100), unit: '%' };
    case '%':
      return { number: figures(value), unit };
    case 'bytes':
    case 'bytes/s':
      return scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB'], unit === 'bytes' ? '' : '/s');
    default: {
      const short = scaled(value, 1000, ['', 'k', 'M', 'G', 'T'], '');
      return { number: short.number + short.unit, unit };
    }
  }
}

/** The same in one string, for axes and labels. */
export function showText(value: number | null, unit: Unit): string {
  const { number, unit: word } = show(value, unit);
  return word ? `${number} ${word}` : number;
}

function duration(ms: number): Shown {
  const size = Math.abs(ms);
  if (size >= 120_000) return { number: figures(ms / 60_000), unit: 'min' };
  if (size >= 10_000) return { number: figures(ms / 1000), unit: 's' };
  if (size > 0 && size < 0.1) return { number: figures(ms * 1000), unit: 'µs' };
  return { number: figures(ms), unit: 'ms' };
}

function scaled(value: number, base: number, words: string[], suffix: string): Shown {
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= base && step < words.length - 1) {
    rest /= base;
    step++;
  }
  return { number: figures(rest), unit: `${words[step]}${suffix}` };
}

function figures(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.001) return value.toExponential(1);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}
