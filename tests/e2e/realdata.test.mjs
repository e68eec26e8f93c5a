// Real data (npm's vega-datasets, installed for the tests alone): what `weir replay --query` says of it must be what plain
// JavaScript says, which sorts and adds every value.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { ENVIRONMENT, PROGRAM, ROOT } from './gateway.mjs';

const limit = { timeout: 120_000 };
const folder = mkdtempSync(`${tmpdir()}/weir-realdata-`);
after(() => rmSync(folder, { recursive: true }));

const data = (name) => JSON.parse(readFileSync(`${ROOT}/dashboard/node_modules/vega-datasets/data/${name}.json`, 'utf8'));

/** `weir replay` over these lines; what it printed, and its account on stderr. */
function replay(lines, args, { format = 'json', stdin = false } = {}) {
  const text = lines.join('\n');
  const path = `${folder}/lines`;
  if (!stdin) writeFileSync(path, text);
  const all = ['replay', stdin ? '-' : path, '--format', format, ...args];
  const ran = spawnSync(PROGRAM, all, { env: ENVIRONMENT, encoding: 'utf8', input: stdin ? text : '', maxBuffer: 1 << 28 });
  assert.equal(ran.status, 0, ran.stderr);
  return { out: ran.stdout, account: ran.stderr };
}
const rowsOf = (out) => out.trim().split('\n').map((line) => JSON.parse(line));
const groupBy = (items, key) => {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};

/** The value at the nearest rank (Hyndman and Fan 1996, type 1). */
const exactQuantile = (sorted, q) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
const RELATIVE_ERROR = 0.005416; // the sketch's promise at its first scale
function assertQuantile(got, sorted, q, what) {
  const exact = exactQuantile(sorted, q);
  const printed = Math.abs(exact) * 0.5e-4; // 5 significant digits
  assert.ok(Math.abs(got - exact) <= RELATIVE_ERROR * Math.abs(exact) + printed, `${what}: p${q * 100} is ${got}, exactly ${exact}`);
}
const sum = (values) => values.reduce((all, value) => all + value, 0);
const near = (got, wanted, what) => assert.ok(Math.abs(got - wanted) <= 1e-5 * Math.abs(wanted) + 1e-9, `${what}: ${got} instead of ${wanted}`);

const DAY = 86_400_000;
const flights = () =>
  data('flights-20k').map(({ date, delay, origin, destination }) => ({
    ts: Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`),
    delay,
    origin,
    route: `${origin}-${destination}`,
  }));
const flightLines = (all) =>
  all.map(({ ts, delay, origin, route }) => JSON.stringify({ name: 'delay', kind: 'timer', value: delay, ts, tags: { origin, route } }));

test('flights: signed delays of each day, replayed by their own time', limit, () => {
  const all = flights();
  const { out, account } = replay(flightLines(all), [
    '--query', 'delay', '--window', '1d', '--slide', '1d', '--pane', '60s', '--lateness', '60s',
    '--stats', 'count,sum,mean,min,max,stddev,p1,p10,p50,p90,p99',
  ]);
  assert.match(account, /^weir replay: 20000 lines; 20000 samples; 90 windows$/m);
  const days = groupBy(all, ({ ts }) => Math.floor(ts / DAY));
  const rows = rowsOf(out);
  assert.equal(rows.length, days.size);
  let mixed = 0;
  for (const { time, window, stats } of rows) {
    assert.equal(window, DAY);
    assert.equal(time % DAY, 0);
    const delays = days.get(time / DAY - 1).map(({ delay }) => delay).sort((a, b) => a - b);
    const mean = sum(delays) / delays.length;
    assert.deepEqual([stats.count, stats.sum, stats.min, stats.max], [delays.length, sum(delays), delays[0], delays.at(-1)]);
    near(stats.mean, mean, 'mean');
    near(stats.stddev, Math.sqrt(sum(delays.map((delay) => (delay - mean) ** 2)) / delays.length), 'stddev');
    for (const percent of [1, 10, 50, 90, 99]) assertQuantile(stats[`p${percent}`], delays, percent / 100, new Date(time));
    if (stats.p10 < 0 && stats.p90 > 0) mixed += 1;
  }
  assert.ok(mixed > 80, 'delays have both signs');
});

test('flights: the top routes of each month', limit, () => {
  const all = flights();
  const window = 30 * DAY;
  const { out } = replay(flightLines(all), [
    '--query', 'delay', '--by', 'route', '--window', '30d', '--slide', '30d', '--pane', '60s', '--lateness', '60s',
    '--stats', 'count,p50', '--order', 'count:desc', '--limit', '7',
  ]);
  const rows = groupBy(rowsOf(out), ({ time }) => time);
  const months = groupBy(all, ({ ts }) => (Math.floor(ts / window) + 1) * window);
  assert.deepEqual([...rows.keys()], [...months.keys()]);
  for (const [time, month] of months) {
    const routes = [...groupBy(month, ({ route }) => route)].map(([route, its]) => [route, its.length]);
    const top = routes.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, 7);
    assert.deepEqual(rows.get(time).map(({ tags, stats }) => [tags.route, stats.count]), top);
  }
});

const HOUR = 3_600_000;
const LATENESS = 24 * HOUR;
const PANE = 60_000;
/** As they became known, which is hours after they happened and in another order. */
const quakes = () =>
  data('earthquakes')
    .features.map(({ properties: { time, updated, mag, net } }) => ({ time, updated, mag, net }))
    .sort((a, b) => a.updated - b.updated || a.time - b.time);
const quakeLines = (all) => all.map(({ time, mag, net }) => JSON.stringify({ name: 'quake', kind: 'timer', value: mag, ts: time, tags: { net } }));
const QUAKE_QUERY = ['--query', 'quake', '--by', 'net', '--window', '6h', '--slide', '6h', '--pane', '60s', '--lateness', '24h', '--future', '30d'];

test('earthquakes: out of order and late, and nothing counted twice', limit, () => {
  const all = quakes();
  let newest = 0;
  const kept = all.filter(({ time }) => {
    newest = Math.max(newest, time);
    return Math.floor(time / PANE) * PANE + PANE + LATENESS > newest;
  });
  const late = all.length - kept.length;
  assert.ok(late > 100 && kept.length > 1_000, 'some are late, most are not');
  const { out, account } = replay(quakeLines(all), [...QUAKE_QUERY, '--stats', 'count,sum,min,max,p50,p90']);
  assert.match(account, new RegExp(`; ${all.length} samples, ${late} late;`));
  const expected = groupBy(kept, ({ time, net }) => `${(Math.floor(time / (6 * HOUR)) + 1) * 6 * HOUR} ${net}`);
  let found = 0;
  for (const { time, tags, stats } of rowsOf(out)) {
    const mags = (expected.get(`${time} ${tags.net}`) ?? []).map(({ mag }) => mag).sort((a, b) => a - b);
    assert.equal(stats.count, mags.length, `${time} ${tags.net}`);
    if (mags.length === 0) continue;
    found += 1;
    assert.deepEqual([stats.min, stats.max], [mags[0], mags.at(-1)]);
    near(stats.sum, sum(mags), 'sum');
    for (const percent of [50, 90]) assertQuantile(stats[`p${percent}`], mags, percent / 100, `${time} ${tags.net}`);
  }
  assert.equal(found, expected.size);
});

test('earthquakes: late ones count as of now where that is wanted', limit, () => {
  const all = quakes();
  const { out, account } = replay(quakeLines(all), ['--query', 'quake', '--window', '6h', '--slide', '6h', '--pane', '60s',
    '--lateness', '1h', '--future', '30d', '--stats', 'count', '--late', 'now']);
  assert.match(account, /late and counted as of now/);
  assert.equal(sum(rowsOf(out).map(({ stats }) => stats.count)), all.length);
});

test('a replay is the same bytes for any number of workers, any size of reads, from a file or a pipe', limit, () => {
  for (const form of ['--json', '--csv']) {
    const outputs = new Set();
    for (const workers of [1, 2, 8]) {
      for (const bytes of [1, 4_097, 65_536]) {
        for (const stdin of [false, true]) {
          const { out } = replay(quakeLines(quakes()), [...QUAKE_QUERY, '--stats', 'count,sum,mean,stddev,p50,p99', form,
            '--workers', `${workers}`, '--read', `${bytes}`], { stdin });
          outputs.add(out);
        }
      }
    }
    assert.equal(outputs.size, 1);
    assert.ok([...outputs][0].length > 10_000);
  }
});
