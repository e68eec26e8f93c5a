// The past over HTTP: what went in over UDP is there when it is asked for, by a query that nobody watched.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, PROGRAM, start, startGateway, subscriber, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let gateway;
before(async () => {
  gateway = await startGateway();
});
after(async () => {
  await gateway?.stop();
  endChildren();
});

/** One page of /api/v1/query_range. */
async function range(parameters) {
  const answer = await gateway.get(`/api/v1/query_range?${new URLSearchParams(parameters)}`);
  return { status: answer.status, body: await answer.json() };
}

test('samples sent over UDP are there when the past is asked for', limit, async () => {
  const start = Date.now() - 5_000;
  await gateway.statsd('history.t:10|ms|#route:/a\nhistory.t:30|ms|#route:/a\nhistory.t:7|ms|#route:/b');
  const seen = await until('the samples', async () => {
    const { status, body } = await range({
      metric: 'history.t', by: 'route', stats: 'count,max,p50', window: '1s', slide: '1s', start,
    });
    assert.equal(status, 200);
    const total = body.c[0]?.[0]?.reduce((sum, n) => sum + n, 0);
    return total === 2 && body.k.length === 2 ? body : undefined;
  });
  assert.deepEqual(seen.fields, ['count', 'max', 'p50']);
  assert.deepEqual(seen.k, [['/a'], ['/b']]);
  assert.equal(Math.max(...seen.c[1][0].filter((n) => n !== null)), 30);
  assert.equal(seen.c[0][1].reduce((sum, n) => sum + n, 0), 1);
  assert.equal(seen.next, null);
  for (const field of seen.c) for (const row of field) assert.equal(row.length, seen.ts.length);
});

test('pages together hold each point once', limit, async () => {
  const start = Date.now() - 3_600_000;
  const asked = { metric: 'system.**', by: '@metric', stats: 'count,mean,max,last,min,first', window: '5s', slide: '1s', start };
  const points = new Set();
  let pages = 0;
  let cursor = '';
  do {
    const { status, body } = await range(cursor ? { ...asked, cursor } : asked);
    assert.equal(status, 200, JSON.stringify(body));
    for (const key of body.k) {
      for (const time of body.ts) {
        const point = `${key} ${time}`;
        assert.ok(!points.has(point), point);
        points.add(point);
      }
    }
    cursor = body.next;
    pages += 1;
  } while (cursor && pages < 1_000);
  assert.ok(pages > 1, `${pages} pages`);
  assert.ok(points.size <= 200_000);
});

test('an unknown metric has no rows, and bad ranges have stable codes', limit, async () => {
  const start = Date.now() - 60_000;
  const none = await range({ metric: 'no.such.metric', start });
  assert.equal(none.status, 200);
  assert.deepEqual(none.body.k, []);
  const code = async (parameters) => {
    const { status, body } = await range(parameters);
    assert.equal(status, 400);
    return body.error.n;
  };
  assert.equal(await code({ metric: 'm' }), 6004);
  assert.equal(await code({ metric: 'm', start: 2_000, end: 1_000 }), 2005);
  assert.equal(await code({ metric: 'm', start, cursor: 'none-of-ours' }), 6004);
  assert.equal(await code({ metric: 'm', start, step: '0s' }), 6004);
});

// ---- what is on disk alone ----

const BEGIN = 1_700_000_400; // a whole minute
const MINUTES = 8;
const SECONDS = 60 * MINUTES;
const AFTER_IT = `other:1|c|T${BEGIN + SECONDS + 70}`; // closes all that was before
const STATS = ['count', 'rate', 'sum', 'mean', 'min', 'max', 'stddev', 'first', 'last', 'delta', 'distinct', 'p0', 'p50',
  'p99', 'p100'];

/** What arrives in one second of event time: every kind, of two hosts, one of which is silent every other minute. */
const second = (i) =>
  ['a', 'b'].filter((host) => host === 'a' || Math.floor(i / 60) % 2 === 0)
    .flatMap((host) => [
      ...Array.from({ length: 7 }, (_, n) => `filed.t:${(i * 31 + n * 17) % 211 - 20}|ms|T${BEGIN + i}|#host:${host}`),
      `filed.c:${i % 13}|c|T${BEGIN + i}|#host:${host}`,
      `filed.g:${(i * 7) % 101}|g|T${BEGIN + i}|#host:${host}`,
      `filed.s:${i % 29}|s|T${BEGIN + i}|#host:${host}`,
    ]);

async function post(weir, lines) {
  const answer = await weir.get('/api/v1/write?format=statsd', { method: 'POST', body: lines.join('\n') });
  assert.equal(answer.status, 204);
}

/** Minutes of event time pass in seconds. By query, what a subscriber was told last of each window. */
async function liveThrough(weir, queries) {
  await post(weir, [`other:1|c|T${BEGIN - 60}`]); // before any sample it is no time at all
  const tails = queries.map(({ window, slide }) =>
    start(PROGRAM, ['tail', 'filed.*', '--by', '@kind,@metric,host', '--stats', STATS.join(), '--window', window,
      '--slide', slide, '--rate', '250ms', '--json', '--url', weir.http]));
  await until(() => `the links: ${tails.map(({ err }) => err)}`, () =>
    tails.every((tail) => tail.err.includes('no series')));
  const told = (tail) => tail.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  for (let i = 0; i <= SECONDS; i += 10) {
    await post(weir, i < SECONDS ? Array.from({ length: 10 }, (_, n) => second(i + n)).flat() : [AFTER_IT]);
    const heard = (BEGIN + i) * 1_000; // of the shortest window
    if (i > 0) await until(`${heard}`, () => told(tails[0]).some(({ time }) => time >= heard), { every: 20 });
  }
  const end = (BEGIN + SECONDS) * 1_000;
  const all = queries.map(() => new Map());
  await until('the last windows', () =>
    tails.every((tail) => told(tail).some(({ time, final }) => final && time >= end)));
  for (const [n, tail] of tails.entries()) {
    // Of windows that closed between two messages it was told the last.
    for (const { time, kind, metric, tags, stats } of told(tail))
      if (time > BEGIN * 1_000 && time <= end) all[n].set(`${time} ${kind} ${metric} ${tags.host}`, stats);
    tail.child.kill('SIGTERM');
  }
  return all;
}

/** Every window that a subscriber saw is in the answer as he saw it. */
async function expectAsSeen(weir, query, seen) {
  const asked = { metric: 'filed.*', by: '@kind,@metric,host', stats: STATS.join(), ...query,
    start: BEGIN * 1_000, end: (BEGIN + SECONDS) * 1_000 };
  // After a restart event time is known once the first sample has come through.
  const page = await until('rows', async () => {
    const answer = await (await weir.get(`/api/v1/query_range?${new URLSearchParams(asked)}`)).json();
    return answer.k?.length > 0 && answer;
  });
  assert.equal(page.next, null);
  let compared = 0;
  for (const [row, key] of page.k.entries()) {
    for (const [at, time] of page.ts.entries()) {
      const told = seen.get(`${time} ${key.join(' ')}`);
      if (!told) continue;
      const past = Object.fromEntries(page.fields.map((field, column) => [field, page.c[column][row][at]]));
      assert.deepEqual(past, told, `${query.window} until ${time} of ${key}`);
      compared += 1;
    }
  }
  assert.equal(compared, seen.size, query.window);
  assert.ok(compared > page.k.length * page.ts.length / 2, `${compared} of ${page.k.length} rows, ${page.ts.length} times`);
}

test('the past that was filed and has left memory is what a subscriber saw, and after a restart, too', limit, async () => {
  const archive = await mkdtemp(join(tmpdir(), 'weir-filed-'));
  const set = ['workers=2', 'time.tick=50ms', 'time.clock=event', 'archive.checkpoint=100ms', 'retention.panes=1m',
    'retention.ten_seconds=0s', 'retention.minutes=0s'];
  const all = { feeds: '[]', archive, set };
  const queries = [{ window: '5s', slide: '5s' }, { window: '10s', slide: '10s' }, { window: '1m', slide: '30s' }];
  let weir = await startGateway(all);
  const seen = await liveThrough(weir, queries);
  await until('the disk to have all of it', async () =>
    (await weir.metric('weir_archive_periods_filed_total')) >= MINUTES);
  const panes = await weir.metric('weir_panes');
  assert.ok(panes < SECONDS, `${panes} panes in memory, of eight times as many as seconds`);
  for (const [n, query] of queries.entries()) await expectAsSeen(weir, query, seen[n]);
  await weir.stop();
  weir = await startGateway(all);
  await post(weir, [AFTER_IT]);
  for (const [n, query] of queries.entries()) await expectAsSeen(weir, query, seen[n]);
  assert.ok((await weir.metric('weir_archive_jobs_total')) >= queries.length);
  await weir.stop();
  await rm(archive, { recursive: true });
});

test('a subscriber that comes back after a restart gets every window that it missed', limit, async () => {
  const archive = await mkdtemp(join(tmpdir(), 'weir-missed-'));
  const q = { metric: 'missed.hits', window: '1s', slide: '1s', stats: ['count'] };
  const all = { feeds: '[]', archive, set: ['archive.checkpoint=100ms'] };
  const hits = (weir) => until('some windows', async () => post(weir, ['missed.hits:1|c']).then(() => true));
  let weir = await startGateway(all);
  const before = await subscriber(weir.ws, [{ t: 'hello', v: 1, subs: [{ t: 'sub', id: 1, q, rate: '1s' }] }]);
  const subd = await before.next('subd', (m) => m.t === 'subd');
  const news = () => before.messages.filter((m) => m.t === 'u' && m.n === 1 && !m.f && !m.rev);
  await until('updates', async () => (await hits(weir)) && news().length >= 4, { every: 100 });
  const place = { epoch: subd.epoch, ch: subd.ch, s: news().at(-1).s };
  const [, last] = news().at(-1).w; // the end of the newest window that it saw
  before.close();
  await until('windows that it missed', async () => (await hits(weir)) && Date.now() > last + 2_000, { every: 100 });
  const { http } = weir;
  assert.equal((await weir.stop()).code, 0);
  weir = await startGateway({ ...all, http });
  await hits(weir);
  const sub = { t: 'sub', id: 1, q, rate: '1s', from: place, history: '1m' };
  const again = await subscriber(weir.ws, [{ t: 'hello', v: 1, subs: [sub] }]);
  const snap = await again.next('snap', (m) => m.t === 'snap');
  const [welcome, told, ...pages] = again.messages.slice(0, again.messages.indexOf(snap));
  assert.equal(welcome.t, 'welcome');
  assert.notEqual(welcome.epoch, place.epoch);
  assert.equal(told.mode, 'snapshot');
  assert.equal(told.why, 'epoch_changed');
  assert.ok(pages.length > 0 && pages.every((m) => m.t === 'range' && m.id === 1), JSON.stringify(pages));
  assert.equal(pages.at(-1).next, null);
  const missed = new Map(pages.flatMap((m) => m.ts.map((time, at) => [time, m.c[0]?.[0]?.[at]])));
  for (let end = last; end < snap.w[1]; end += 1_000) assert.ok(missed.has(end), `no window until ${end}`);
  for (const end of [last + 1_000, last + 2_000]) assert.ok(missed.get(end) > 0, `hits of the window until ${end}`);
  // What it had seen whole before it left is told as it was.
  const seen = new Map(before.messages.filter((m) => m.f && m.i.length > 0).map((m) => [m.w[1], m.c[0][0]]));
  for (const [end, count] of seen) assert.equal(missed.get(end), count, `the window until ${end}`);
  again.close();
  await weir.stop();
  await rm(archive, { recursive: true });
});
