// SeriesTable: all series of a person's own metrics in a table of which only the rows in sight exist, ask and draw.

import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { view } from '../address.ts';
import { keyOf, tagsOf } from '../catalogue.ts';
import type { Gateway } from '../gateway.ts';
import { updatesOf, watch } from '../source.ts';
import { whereOf } from '../view-state.ts';
import { isHost } from '../views.ts';
import { whileVisible } from '../visible.ts';
import { listQuery, packed, SeriesList, type SortBy } from './series-list.ts';
import { SeriesRow } from './series-row.tsx';
import './series.css';

const ROW = 34;
const ROWS_IN_SIGHT = 12;
/** Rows that stand ready beyond the edges. */
const SPARE = 3;
const LIST_MS = 10_000;
const BASELINE_EVERY_MS = 60_000;
const BASELINE_MS = 60_000;
/** The tags of metrics come one by one: the list is not asked for anew for each of them. */
const ASK_EVERY_MS = 1000;

const SORTS: [by: SortBy, title: string][] = [
  ['name', 'Metric and tags'],
  ['now', 'Now'],
  ['change', 'Change'],
];

/** Reads the list and, once a minute, what it was; returns how to stop. */
function watchList(
  gateway: Gateway,
  list: SeriesList,
  packs: ReturnType<typeof packed>,
  changed: () => void,
) {
  const { filters, at } = view.value;
  const stop = new AbortController();
  const queries = packs.map((pack) => listQuery(pack, whereOf(filters)));
  const offs = queries.map((query, pack) =>
    watch(
      gateway,
      query,
      { spanMs: LIST_MS, at, rate: '10s' },
      {
        update: ({ correction, kind, table }) => {
          if (correction || (kind === 'history' && at === 'live')) return;
          list.take(String(pack), table);
          changed();
        },
      },
    ),
  );
  const readPast = async () => {
    const end = (at === 'live' ? gateway.weir.now() : at) - LIST_MS;
    for (const [pack, query] of queries.entries())
      for await (const page of gateway.weir.range(query, {
        start: end - BASELINE_MS,
        end,
        signal: stop.signal,
      }))
        for (const { table } of updatesOf(page)) list.takePast(String(pack), table);
    list.endPast();
    changed();
  };
  // Without a past there are no changes to be shown; the list is there.
  const again = () => void readPast().catch(() => {});
  again();
  const timer = setInterval(again, BASELINE_EVERY_MS);
  return () => {
    clearInterval(timer);
    stop.abort();
    for (const off of offs) off();
  };
}

/**
 * `text` at once, but never two of them within `everyMs`: then the last of them, late. An empty one
 * is given at once and holds up none after it.
 */
function usePaced(text: string, everyMs: number): string {
  const given = useSignal('');
  const since = useRef(-Infinity);
  useEffect(() => {
    if (!text) {
      given.value = '';
      return;
    }
    const wait = since.current + everyMs - performance.now();
    const timer = setTimeout(
      () => {
        since.current = performance.now();
        given.value = text;
      },
      Math.max(0, wait),
    );
    return () => clearTimeout(timer);
  }, [text]);
  return given.value;
}

const orderOf = (isChosen: boolean, by: SortBy) =>
  isChosen ? (by === 'name' ? 'ascending' : 'descending') : 'none';

/** Where rows would stand that are not in sight. */
function Room({ rows }: { rows: number }) {
  return rows > 0 ? (
    <tr>
      <td colSpan={4} style={{ height: `${rows * ROW}px` }} />
    </tr>
  ) : null;
}

export function SeriesTable({ gateway }: { gateway: Gateway }) {
  const root = useRef<HTMLElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const list = useMemo(() => new SeriesList(), [gateway]);
  const revision = useSignal(0);
  const search = useSignal('');
  const by = useSignal<SortBy>('change');
  const first = useSignal(0);
  const known = gateway.metrics.value.flatMap((metric) => {
    const tags = tagsOf.value[keyOf(metric)];
    return tags && !isHost(metric.name) ? [{ metric, tags }] : [];
  });
  const asked = usePaced(
    known.length > 0 ? JSON.stringify([packed(known), view.value.filters, view.value.at]) : '',
    ASK_EVERY_MS,
  );

  useEffect(() => {
    if (!root.current || !asked) return;
    const packs = packed(known);
    return whileVisible(root.current, () =>
      watchList(gateway, list, packs, () => {
        revision.value = list.revision;
      }),
    );
  }, [gateway, asked]);

  const shown = useMemo(
    () => list.shown(search.value, by.value),
    [revision.value, search.value, by.value],
  );
  const begin = Math.max(0, Math.min(first.value, shown.length - ROWS_IN_SIGHT) - SPARE);
  const rows = shown.slice(begin, begin + ROWS_IN_SIGHT + 2 * SPARE);
  const choose = (text: string) => {
    search.value = text;
    if (scroll.current) scroll.current.scrollTop = 0;
    first.value = 0;
  };
  return (
    <section class="card series" data-testid="series" ref={root}>
      <header>
        <h2>All series</h2>
        <span class="stat" role="status">
          {shown.length === list.size ? list.size : `${shown.length} of ${list.size}`} · sorted by{' '}
          {by}
        </span>
        <input
          type="search"
          placeholder="Search series"
          aria-label="Search series"
          value={search.value}
          onInput={(event) => choose(event.currentTarget.value)}
        />
      </header>
      <section
        ref={scroll}
        class="series-scroll"
        aria-label="Rows"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        tabIndex={0}
        onScroll={(event) => {
          first.value = Math.floor(event.currentTarget.scrollTop / ROW);
        }}
      >
        <table aria-rowcount={shown.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {SORTS.map(([sort, title]) => (
                <th key={sort} scope="col" aria-sort={orderOf(by.value === sort, sort)}>
                  <button
                    type="button"
                    onClick={() => {
                      by.value = sort;
                    }}
                  >
                    {title} {by.value === sort && (sort === 'name' ? '▲' : '▼')}
                  </button>
                </th>
              ))}
              <th scope="col" class="series-spark">
                Line
              </th>
            </tr>
          </thead>
          <tbody>
            <Room rows={begin} />
            {rows.map((series, at) => (
              <SeriesRow
                key={series.key}
                gateway={gateway}
                series={series}
                index={begin + at}
                now={series.now}
                before={series.before}
              />
            ))}
            <Room rows={shown.length - begin - rows.length} />
          </tbody>
        </table>
      </section>
    </section>
  );
}
