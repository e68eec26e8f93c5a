// Choice: which of a person's metrics the tiles and panels show, by what their names and kinds say. Pure.

import type { Metric } from '../gateway.ts';
import { isHost } from '../views.ts';

/** A second, of each metric; what is missing is not known. */
export type Busyness = ReadonlyMap<string, number>;

const REQUESTS = [
  /(^|[._-])(requests?|reqs?)([._-](count|total))?$/i,
  /(^|[._-])(requests?|reqs?|hits|calls|queries|orders|messages)([._-]|$)/i,
];
const ERRORS = /(^|[._-])(errors?|failures?|failed|fails|exceptions?|5xx)([._-](count|total))?$/i;
const ERROR_RATIO = /(error|failure)s?[._-]?(ratio|rate|percent|pct)$/i;
const QUEUE = /(^|[._-])(queue|queued|depth|backlog|lag|pending|waiting|in_?flight)([._-]|$)/i;
const LATENCY = /(latency|duration|response[._-]?time|time|_ms|_seconds)$/i;

/** Another one takes its place only when it is this many times as busy. */
const OVERTAKES = 2;

const ownOf = (metrics: readonly Metric[], kind: Metric['kind']) =>
  metrics.filter((metric) => metric.kind === kind && !isHost(metric.name));

/** The busiest; `before`, chosen earlier, stays while it is there and no other is clearly busier. */
function busiest(some: readonly Metric[], busy: Busyness, before?: string): string | undefined {
  const rate = (name: string) => busy.get(name) ?? 0;
  const [first] = [...some].sort(
    (a, b) => rate(b.name) - rate(a.name) || b.series - a.series || (a.name < b.name ? -1 : 1),
  );
  const stays = some.some(({ name }) => name === before);
  if (before !== undefined && stays && rate(first?.name ?? '') <= rate(before) * OVERTAKES)
    return before;
  return first?.name;
}

/** What `/explore` and the distribution show when nobody chose: a latency before any other timer. */
export function timerOf(
  metrics: readonly Metric[],
  busy: Busyness,
  before?: string,
): string | undefined {
  const timers = ownOf(metrics, 'timer');
  const latencies = timers.filter(({ name }) => LATENCY.test(name));
  return busiest(latencies.length > 0 ? latencies : timers, busy, before);
}

export function requestsOf(
  metrics: readonly Metric[],
  busy: Busyness,
  before?: string,
): string | undefined {
  const counters = ownOf(metrics, 'counter').filter(({ name }) => !ERRORS.test(name));
  for (const pattern of REQUESTS) {
    const some = counters.filter(({ name }) => pattern.test(name));
    if (some.length > 0) return busiest(some, busy, before);
  }
  return busiest(counters, busy, before);
}

export type Errors =
  | { how: 'gauge'; metric: string }
  | { how: 'ratio'; metric: string; of: string }
  | { how: 'rate'; metric: string };

const sharedStart = (a: string, b: string) => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
};

/** Errors of the requests, where both are counted; else a ratio that somebody sends, else how many there are. */
export function errorsOf(
  metrics: readonly Metric[],
  requests: string | undefined,
): Errors | undefined {
  const counters = ownOf(metrics, 'counter').filter(({ name }) => ERRORS.test(name));
  const [counter] = counters.sort(
    (a, b) =>
      sharedStart(b.name, requests ?? '') - sharedStart(a.name, requests ?? '') ||
      (a.name < b.name ? -1 : 1),
  );
  const isPart = counter && requests !== undefined && sharedStart(counter.name, requests) > 1;
  if (isPart) return { how: 'ratio', metric: counter.name, of: requests };
  const gauge = ownOf(metrics, 'gauge').find(({ name }) => ERROR_RATIO.test(name));
  if (gauge) return { how: 'gauge', metric: gauge.name };
  return counter && { how: 'rate', metric: counter.name };
}

/** Something that waits, else the gauge with the most series. */
export function queueOf(metrics: readonly Metric[]): string | undefined {
  const gauges = ownOf(metrics, 'gauge').filter(({ name }) => !ERROR_RATIO.test(name));
  const waiting = gauges.filter(({ name }) => QUEUE.test(name));
  return busiest(waiting.length > 0 ? waiting : gauges, new Map());
}

const TITLE_MAX = 18;

/** `queue.depth` → Queue depth; a long name stays as it is sent. */
export function titleOf(name: string): string {
  if (name.length > TITLE_MAX || !/^[\w.-]+$/.test(name)) return name;
  const words = name.replace(/[._-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a timer's tile is called. */
export const latencyTitle = (name: string) => (LATENCY.test(name) ? 'Latency' : titleOf(name));
export const requestsTitle = (name: string) =>
  REQUESTS.some((pattern) => pattern.test(name)) && /req/i.test(name) ? 'Requests' : titleOf(name);
