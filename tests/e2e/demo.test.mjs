// weir demo, as somebody sees it who has nothing to measure yet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { endChildren, PROGRAM, ROOT, start, subscriber, until } from './gateway.mjs';

after(endChildren);

test('weir demo serves numbers that move, by route and without a setup', { timeout: 60_000 }, async () => {
  const demo = start(PROGRAM, ['demo', '--seed', '7', '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]', '--set', 'workers=2']);
  await until('the start lines', () => demo.out.includes('is running') || demo.err);
  const http = /what=http address=(.*)/.exec(demo.out)?.[1];
  assert.ok(http, demo.err);
  const q = { metric: 'http.request.duration', by: ['route'], stats: ['count', 'p99'], window: '2s', slide: '1s' };
  const reader = await subscriber(`ws://${http}/v1/ws`, [
    { t: 'hello', v: 1, subs: [{ id: 1, q, rate: '250ms' }] },
  ]);
  // It moves: windows of which no two have the same number of requests.
  const counts = await until('five windows that differ', () => {
    const windows = new Map();
    for (const { t, w, c, f, rev } of reader.messages) {
      if ((t === 'snap' || t === 'u') && !f && !rev && c?.[0]?.length > 4) windows.set(w[1], c[0].reduce((all, n) => all + n, 0));
    }
    return new Set(windows.values()).size >= 5 && [...windows.values()];
  });
  assert.ok(counts.every((count) => count > 10), `${counts}`);
  const metrics = await (await fetch(`http://${http}/api/v1/metrics`)).json();
  const names = metrics.items.map(({ name }) => name);
  for (const name of ['http.requests', 'http.request.duration', 'queue.depth', 'users.active']) assert.ok(names.includes(name), `${names}`);
  const page = await (await fetch(`http://${http}/metrics`)).text();
  assert.match(page, /weir_ingest_lines_total\{feed="demo",result="accepted"\} [1-9]/);
  assert.doesNotMatch(page, /weir_ingest_rejected_total\{feed="demo"[^}]*\} [1-9]/);
  reader.close();
  demo.child.kill('SIGTERM');
  assert.deepEqual(await demo.ended, { code: 0, signal: null });
});

// ---- real data: npm's vega-datasets, installed for the tests alone ----

const DATA = `${ROOT}/dashboard/node_modules/vega-datasets/data`;

/** A demo of this file, in which all of it happens within two seconds, so often. */
async function demoOf(file, rounds) {
  const demo = start(PROGRAM, ['demo', '--data', `${DATA}/${file}`, '--lasts', '2s', '--loop', `${rounds}`,
    '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]', '--set', 'workers=2']);
  await until('the start lines', () => demo.out.includes('is running') || demo.err.includes('weir:'));
  const http = /what=http address=(.*)/.exec(demo.out)?.[1];
  assert.ok(http, demo.err);
  return { ...demo, http };
}

/** Of all time, by one tag: what `stats` say, in that order, once `rows` have come. */
async function totals(demo, metric, by, stats, rows) {
  const asked = new URLSearchParams({ metric, by, stats: stats.join(), window: '10m', slide: '1s' });
  let got;
  await until(() => `${rows} rows: ${JSON.stringify(got)}`, async () => {
    got = await (await fetch(`http://${demo.http}/api/v1/query?${asked}`)).json();
    const count = got.fields?.indexOf('count');
    return count >= 0 && got.c[count].reduce((sum, n) => sum + n, 0) === rows;
  });
  return new Map(got.k.map(([key], row) => [key, stats.map((stat) => got.c[got.fields.indexOf(stat)][row])]));
}

const groups = (rows, key) => {
  const found = new Map();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return found;
};

test('weir demo --data shows real flights: every origin with its exact delays', { timeout: 60_000 }, async () => {
  const demo = await demoOf('flights-20k.json', 1);
  const flights = JSON.parse(readFileSync(`${DATA}/flights-20k.json`, 'utf8'));
  const stats = ['count', 'sum', 'min', 'max'];
  const shown = await totals(demo, 'flights-20k.delay', 'origin', stats, flights.length);
  const exact = groups(flights, ({ origin }) => origin);
  assert.deepEqual([...shown.keys()].sort(), [...exact.keys()].sort());
  for (const [origin, its] of exact) {
    const delays = its.map(({ delay }) => delay);
    const sum = delays.reduce((all, delay) => all + delay, 0);
    assert.deepEqual(shown.get(origin), [delays.length, sum, Math.min(...delays), Math.max(...delays)], origin);
  }
  assert.ok([...shown.values()].some(([, , min]) => min < 0), 'some were early');
  demo.child.kill('SIGTERM');
  assert.deepEqual(await demo.ended, { code: 0, signal: null });
});

test('weir demo --data shows GeoJSON, twice: earthquakes by who measured them', { timeout: 60_000 }, async () => {
  const demo = await demoOf('earthquakes.json', 2);
  const quakes = JSON.parse(readFileSync(`${DATA}/earthquakes.json`, 'utf8')).features.map(({ properties }) => properties);
  const measured = quakes.filter(({ mag }) => mag !== null);
  const shown = await totals(demo, 'earthquakes.mag', 'net', ['count', 'min', 'max'], 2 * measured.length);
  for (const [net, its] of groups(measured, (quake) => quake.net)) {
    const mags = its.map(({ mag }) => mag);
    assert.deepEqual(shown.get(net), [2 * mags.length, Math.min(...mags), Math.max(...mags)], net);
  }
  demo.child.kill('SIGTERM');
  await demo.ended;
});

test('weir demo --data says what is wrong with a file', { timeout: 60_000 }, async () => {
  for (const [file, why] of [['none.json', 'No such file'], ['7zip.png', 'no JSON array'], ['miserables.json', 'is a time']]) {
    const demo = start(PROGRAM, ['demo', '--data', `${DATA}/${file}`, '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]']);
    assert.deepEqual(await demo.ended, { code: 1, signal: null });
    assert.ok(demo.err.includes(file) && demo.err.includes(why), demo.err);
  }
});
