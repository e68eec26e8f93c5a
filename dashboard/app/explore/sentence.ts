// Sentence: what the chart shows, in words. Pure.

import { showText, type Unit } from '../units.ts';
import { type Asked, nameOf, newest, type Shown, type ShownLine } from './shown.ts';

const STATS: Record<string, string> = {
  rate: 'the rate',
  count: 'the count',
  sum: 'the sum',
  min: 'the least value',
  max: 'the greatest value',
  mean: 'the mean',
  stddev: 'the standard deviation',
  first: 'the first value',
  last: 'the last value',
  delta: 'the change',
  distinct: 'the number of distinct values',
};
/** Smaller changes are no news. */
const CHANGE_MIN = 0.1;
const NAME_CHARACTERS_MAX = 60;

const cut = (text: string) =>
  text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX)}…` : text;

export function spanWords(ms: number): string {
  const words = (n: number, word: string) => (n === 1 ? word : `${n} ${word}s`);
  if (ms % 86_400_000 === 0) return words(ms / 86_400_000, 'day');
  if (ms % 3_600_000 === 0) return words(ms / 3_600_000, 'hour');
  if (ms % 60_000 === 0) return words(ms / 60_000, 'minute');
  return words(Math.round(ms / 1000), 'second');
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The last quarter against the first: how many times as much; null where that cannot be said. */
export function changeOf({ values }: ShownLine): number | null {
  const some = values.filter((value) => value !== null);
  const quarter = Math.floor(some.length / 4);
  if (quarter < 1) return null;
  const before = mean(some.slice(0, quarter));
  return before > 0 ? mean(some.slice(-quarter)) / before : null;
}

function changeText(change: number | null): string {
  if (change === null || Math.abs(change - 1) < CHANGE_MIN) return 'steady';
  if (change >= 2) return `${Number(change.toPrecision(2))} times as much as at first`;
  const percent = Math.round(Math.abs(change - 1) * 100);
  return change > 1 ? `up ${percent} %` : `down ${percent} %`;
}

function aboutOne(line: ShownLine, unit: Unit): string {
  const some = line.values.filter((value) => value !== null);
  const text = (value: number | null) => showText(value, unit);
  const between = `between ${text(Math.min(...some))} and ${text(Math.max(...some))}`;
  return `${text(newest(line))} at the end, ${between}, ${changeText(changeOf(line))}`;
}

function aboutMany(lines: readonly ShownLine[], { stat, by }: Asked, unit: Unit): string {
  const named = (line: ShownLine) =>
    `${cut(nameOf(line.tags, stat))} (${showText(newest(line), unit)})`;
  const ranked = [...lines].sort((a, b) => (newest(b) ?? 0) - (newest(a) ?? 0));
  const [high, low] = [ranked[0] as ShownLine, ranked.at(-1) as ShownLine];
  const size = (line: ShownLine) => Math.abs(Math.log(changeOf(line) || 1));
  const moved = [...lines].sort((a, b) => size(b) - size(a))[0] as ShownLine;
  const change = changeText(changeOf(moved));
  const news =
    change === 'steady' ? 'all are steady' : `${cut(nameOf(moved.tags, stat))} is ${change}`;
  return `${lines.length} values of ${by.join(' and ')}, highest ${named(high)}, lowest ${named(low)}; ${news}`;
}

/** One sentence. */
export function sentenceOf({ asked, lines }: Shown, unit: Unit): string {
  const { metric, stat, spanMs, at, where } = asked;
  const what = `${STATS[stat] ?? stat} of ${cut(metric)}`;
  const when =
    at === 'live'
      ? `over the last ${spanWords(spanMs)}`
      : `in the ${spanWords(spanMs)} to ${new Date(at).toLocaleString('en-GB')}`;
  const filtered = where.length > 0 ? ', filtered' : '';
  const some = lines.filter((line) => newest(line) !== null);
  const begin = `${what[0]?.toUpperCase()}${what.slice(1)} ${when}${filtered}`;
  if (some.length === 0) return `${begin}: no data.`;
  const [only] = some;
  const rest =
    some.length === 1 && only && asked.by.length === 0
      ? aboutOne(only, unit)
      : aboutMany(some, asked, unit);
  return `${begin}: ${rest}.`;
}
