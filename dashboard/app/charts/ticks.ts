// Ticks: where an axis has its labels, and what they say. Pure.

import { showText, type Unit } from '../units.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7].map((n) => n * DAY),
];

/** Round moments of (start, end], in ms, at most so many; whole hours and days are the reader's own. */
export function timeTicks(start: number, end: number, most: number): number[] {
  const step = TIME_STEPS.find((step) => (end - start) / step <= most) ?? 30 * DAY;
  const offset = new Date(end).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.floor((end - offset) / step) * step + offset; at > start; at -= step)
    ticks.unshift(at);
  return ticks;
}

/** 12:30, 12:30:05, and at midnight the day. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  const text = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.getSeconds() !== 0) return `${text}:${two(date.getSeconds())}`;
  if (text !== '00:00') return text;
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** ..., 1, 2, 5, 10, 20, 50, ...: the n-th of them; the 0th is 1. */
const roundNumber = (n: number) => {
  const decade = Math.floor(n / 3);
  // A power of ten below 1 is no double: one division gives the double nearest to it.
  const digit = [1, 2, 5][n - 3 * decade] as number;
  return decade < 0 ? digit / 10 ** -decade : digit * 10 ** decade;
};
const ROUND_MAX = 2000;
/** Each, every second, every third (powers of ten), ... of them. */
const STRIDES = [1, 2, 3, 6, 9, 18, 36, 72, 144, 288];

/** Round values in [low, high], of a logarithmic axis, at most so many. 0 < low <= high. */
export function valueTicks(low: number, high: number, most: number): number[] {
  const all: number[] = [];
  const begin = Math.floor(Math.log10(low)) * 3;
  for (let n = begin; n < begin + ROUND_MAX && roundNumber(n) <= high; n++)
    if (roundNumber(n) >= low) all.push(n);
  const stride = STRIDES.find((s) => all.filter((n) => n % s === 0).length <= most) ?? ROUND_MAX;
  return all.filter((n) => n % stride === 0).map(roundNumber);
}

/** As elsewhere, but that round seconds are seconds. */
export function valueText(value: number | null, unit: Unit): string {
  if (value !== null && unit === 'ms' && Math.abs(value) >= 1000 && Math.abs(value) < 60_000)
    return `${Number((value / 1000).toPrecision(3))} s`;
  return showText(value, unit);
}
