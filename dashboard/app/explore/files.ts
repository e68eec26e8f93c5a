// Files: what is shown, to take along: CSV as `weir query --csv` writes it, and JSON that can be shown again. Pure. A file
// from elsewhere may hold anything: it is read whole or refused with a sentence.

import { isStat } from '../view-state.ts';
import { type Asked, queryOf, type Shown, type ShownLine, type Tags } from './shown.ts';

/** Of a file that is read. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024;
const TIMES_MAX = 100_000;
const LINES_MAX = 10_000;
const TEXT_MAX = 4096;
const KINDS = ['counter', 'gauge', 'timer', 'set'];
const OPERATORS = ['=', '!=', '=~', '!~', 'in', 'nin', 'exists'];

/** A spreadsheet takes a text that begins so for a formula; a quote in front makes it a text there. */
const DANGEROUS = /^[=+@\t\r]|^-(?![\d.])/;

function cell(text: string): string {
  const safe = DANGEROUS.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row for each window and line that has a value. */
export function csvOf({ asked, times, lines }: Shown): string {
  const rows = [['time', ...asked.by, asked.stat].map(cell).join()];
  times.forEach((time, at) => {
    const iso = new Date(time).toISOString();
    for (const { tags, values } of lines) {
      const value = values[at] ?? null;
      if (value !== null)
        rows.push([iso, ...asked.by.map((key) => cell(tags[key] ?? '')), String(value)].join());
    }
  });
  return `${rows.join('\n')}\n`;
}

/** The body of /api/v1/query_range, and what was asked. */
export function jsonOf({ asked, times, lines }: Shown): string {
  const { kind, spanMs, at, by, stat } = asked;
  const file = {
    weir: 'chart',
    version: 1,
    kind,
    span: spanMs,
    at,
    query: queryOf(asked),
    fields: [stat],
    by,
    k: lines.map(({ tags }) => by.map((key) => tags[key] ?? '')),
    ts: times,
    c: [lines.map(({ values }) => values)],
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= TEXT_MAX;
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isSpan = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0;
const isNumbers = (value: unknown): value is (number | null)[] =>
  Array.isArray(value) && value.every((one) => one === null || Number.isFinite(one));

class Fault extends Error {}
function want(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Fault(sentence);
}

function whereOf(value: unknown): Asked['where'] {
  if (value === undefined) return [];
  want(
    Array.isArray(value) &&
      value.every(
        (one) =>
          isTexts(one?.slice?.(0, 2)) &&
          OPERATORS.includes(one[1]) &&
          (one[2] === undefined || isText(one[2]) || isTexts(one[2])),
      ),
    '“query.where” is no list of matchers.',
  );
  return value as Asked['where'];
}

function askedOf(file: Json): Asked {
  const { query, by, kind, span, at } = file;
  want(isObject(query) && isText(query.metric) && query.metric !== '', 'It names no metric.');
  want(typeof kind === 'string' && KINDS.includes(kind), '“kind” is no kind of metric.');
  want(isTexts(by), '“by” is no list of tags.');
  const [stat] = Array.isArray(query.stats) ? query.stats : [];
  want(isText(stat) && isStat(stat), '“query.stats” names no statistic.');
  want(isSpan(query.window) && isSpan(query.slide), '“query” has no window and slide in ms.');
  want(isSpan(span), '“span” is no length of time in ms.');
  want(at === 'live' || isSpan(at), '“at” is no moment.');
  return {
    metric: query.metric,
    kind: kind as Asked['kind'],
    where: whereOf(query.where),
    by,
    stat,
    windowMs: query.window,
    stepMs: query.slide,
    spanMs: span,
    at,
    limit: 0,
  };
}

function timesOf(value: unknown): number[] {
  want(Array.isArray(value) && value.length <= TIMES_MAX, '“ts” is no list of times.');
  const isAscending = value.every((time, at) => isSpan(time) && (at === 0 || time > value[at - 1]));
  want(isAscending, '“ts” must be times in ms, each after the one before.');
  return value;
}

function linesOf({ k, c }: Json, by: readonly string[], times: number): ShownLine[] {
  const columns: unknown = Array.isArray(c) ? c[0] : undefined;
  want(Array.isArray(k) && Array.isArray(columns), '“k” and “c” are no lists.');
  want(k.length === columns.length && k.length <= LINES_MAX, '“k” and “c” differ in length.');
  return k.map((keys, row) => {
    want(isTexts(keys) && keys.length === by.length, `“k[${row}]” does not fit “by”.`);
    const values: unknown = columns[row];
    want(isNumbers(values) && values.length === times, `“c[0][${row}]” does not fit “ts”.`);
    const tags: Tags = Object.fromEntries(by.map((key, at) => [key, keys[at] as string]));
    return { tags, values };
  });
}

/** What jsonOf() wrote; else a sentence that says what is wrong. */
export function readJson(text: string): Shown | string {
  if (text.length > FILE_BYTES_MAX) return 'This file is too large.';
  try {
    const file: unknown = JSON.parse(text);
    want(isObject(file) && file.weir === 'chart', 'This file is no chart that Weir has exported.');
    want(file.version === 1, 'This file is of a version that is not known here.');
    const asked = askedOf(file);
    const times = timesOf(file.ts);
    // The moment of a file is its own: what was live then is past now.
    const at = asked.at === 'live' ? (times.at(-1) ?? 0) : asked.at;
    return { asked: { ...asked, at }, times, lines: linesOf(file, asked.by, times.length) };
  } catch (fault) {
    if (fault instanceof Fault) return fault.message;
    return 'This file is no JSON.';
  }
}

/** "http.latency-p99.csv": what any file system takes. */
export function fileName({ metric, stat }: Asked, ending: string): string {
  const plain = metric.replace(/[^\w.-]+/g, '_').slice(0, 80);
  return `${plain}-${stat}.${ending}`;
}
