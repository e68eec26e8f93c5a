// Code: what to paste to get exactly what the chart shows elsewhere: in JavaScript, with curl, with `weir query`. Pure.

import { type Asked, queryOf } from './shown.ts';

export interface Place {
  /** "http://127.0.0.1:8080" */
  origin: string;
  /** Whether a token must be shown: it is taken from the environment, never written down. */
  token: boolean;
}
export interface Snippet {
  name: string;
  text: string;
}

/** 300000 as 5m: what a person would write. */
function durationText(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const)
    if (ms % size === 0) return `${ms / size}${unit}`;
  return `${ms}ms`;
}

/** For a POSIX shell: nothing in it means anything. */
const quoted = (text: string): string =>
  /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const withTexts = (asked: Asked) => ({
  ...queryOf(asked),
  window: durationText(asked.windowMs),
  slide: durationText(asked.stepMs),
});

function javascript(asked: Asked, { origin, token }: Place): string {
  const query = JSON.stringify(withTexts(asked), null, 2);
  const socket = `${origin.replace(/^http/, 'ws')}/v1/ws`;
  const options = token ? ', { getToken: () => prompt("Token") }' : '';
  const stat = JSON.stringify(asked.stat);
  const begin = [
    `import { Weir } from ${JSON.stringify(`${origin}/weir.js`)};`,
    '',
    `const weir = new Weir(${JSON.stringify(socket)}${options});`,
    `const query = ${query};`,
  ];
  const live = [
    `const values = weir.subscribe(query, { history: '${durationText(asked.spanMs)}' });`,
    'for await (const { table } of values)',
    '  for (const row of table.rows())',
    `    console.log(table.tags(row), table.get(row, ${stat}));`,
  ];
  const past = [
    `const span = { start: ${Number(asked.at) - asked.spanMs}, end: ${asked.at}, step: ${asked.stepMs} };`,
    'for (const { ts, k, c } of await weir.history(query, span))',
    '  k.forEach((keys, row) => console.log(keys, ts, c[0][row]));',
  ];
  return [...begin, ...(asked.at === 'live' ? live : past)].join('\n');
}

function curl(asked: Asked, { origin, token }: Place): string {
  const start =
    asked.at === 'live'
      ? `$(($(date +%s) - ${Math.round(asked.spanMs / 1000)}))000`
      : String(asked.at - asked.spanMs);
  const parts = [
    `curl -sG ${quoted(`${origin}/api/v1/query_range`)}`,
    ...(token ? ['-H "Authorization: Bearer $WEIR_TOKEN"'] : []),
    `--data-urlencode q=${quoted(JSON.stringify(withTexts(asked)))}`,
    `-d start=${start}`,
    ...(asked.at === 'live' ? [] : [`-d end=${asked.at}`]),
    `-d step=${durationText(asked.stepMs)}`,
  ];
  return parts.join(' \\\n  ');
}

/** The short forms of `--where` where they are exact; else the matcher as it stands in a query. */
function matcherText(matcher: Asked['where'][number]): string {
  const [tag, op, value] = matcher;
  const isPlain = (text: unknown) => typeof text === 'string' && /^[\w.:/@+-]+$/.test(text);
  if (op === '=' && isPlain(tag) && isPlain(value)) return `${tag}=${value}`;
  if (op === 'in' && isPlain(tag) && Array.isArray(value) && value.every(isPlain))
    return `${tag} in ${value.join()}`;
  return JSON.stringify(matcher);
}

function command(asked: Asked, { origin }: Place): string {
  // A name that begins like an option is none behind `--`.
  const dashed = asked.metric.startsWith('-');
  const parts = [
    `weir query${dashed ? '' : ` ${quoted(asked.metric)}`}`,
    ...(asked.by.length > 0 ? [`--by ${quoted(asked.by.join())}`] : []),
    ...asked.where.map((matcher) => `--where ${quoted(matcherText(matcher))}`),
    `--stats ${asked.stat} --window ${durationText(asked.windowMs)} --slide ${durationText(asked.stepMs)}`,
    ...(asked.limit > 0 ? [`--order ${asked.stat}:desc --limit ${asked.limit}`] : []),
    `--last ${durationText(asked.spanMs)} --step ${durationText(asked.stepMs)}`,
    ...(asked.at === 'live' ? [] : [`--end ${asked.at}`]),
    `--url ${quoted(origin)}`,
    ...(dashed ? [`-- ${quoted(asked.metric)}`] : []),
  ];
  return parts.join(' \\\n  ');
}

export function snippetsOf(asked: Asked, place: Place): Snippet[] {
  return [
    { name: 'JavaScript', text: javascript(asked, place) },
    { name: 'curl', text: curl(asked, place) },
    { name: 'Command line', text: command(asked, place) },
  ];
}
