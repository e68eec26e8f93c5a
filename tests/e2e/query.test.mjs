// Queries over HTTP and `weir query`, as whoever asks once meets them: exact answers, the same from every way of asking,
// and a fault with its code for what cannot be asked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { endChildren, ENVIRONMENT, PROGRAM, ROOT, startGateway, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
let gateway;
before(async () => {
  gateway = await startGateway();
});
after(endChildren);

/** Lines over TCP: nothing is lost on the way. */
async function send(lines) {
  const [host, port] = gateway.address('tcp/statsd').split(':');
  const socket = net.connect(Number(port), host);
  await once(socket, 'connect');
  socket.end(lines.join('\n') + '\n');
  await once(socket, 'close');
}

const ask = async (query, more = '') => {
  const text = typeof query === 'string' ? query : `q=${encodeURIComponent(JSON.stringify(query))}`;
  const answer = await gateway.get(`/api/v1/query?${text}${more}`);
  return { status: answer.status, body: await answer.json() };
};
/** Rows by their keys. */
const rows = ({ body }) =>
  Object.fromEntries(body.k.map((key, row) => [key.join('|'), body.c.map((column) => column[row])]));
const weir = (args) =>
  spawnSync(PROGRAM, ['query', ...args, '--url', gateway.http], { cwd: ROOT, env: ENVIRONMENT, encoding: 'utf8', timeout: 60_000 });

/** The minute in which all of it was seen, whichever that is. */
async function whole(query, fits) {
  let last;
  return until(
    () => `an answer that fits, not ${JSON.stringify(last)}`,
    async () => {
      last = await ask(query);
      assert.equal(last.status, 200, JSON.stringify(last.body));
      return fits(rows(last)) && last;
    },
  );
}

test('an instant query gives exact totals, by key and in order', limit, async () => {
  const lines = [];
  for (let i = 1; i <= 100; i += 1) lines.push(`shop.latency:${i}|ms|#route:/pay,host:a`, `shop.latency:7|ms|#route:/cart,host:b`);
  for (let i = 0; i < 30; i += 1) lines.push('shop.requests:10|c|#route:/pay', 'shop.errors:3|c|#route:/pay', 'shop.requests:1|c|#route:/cart');
  await send(lines);
  const query = { metric: 'shop.latency', by: ['route'], window: '1min', stats: ['count', 'min', 'max', 'p50'], order: 'max:desc' };
  const answer = await whole(query, (seen) => seen['/pay']?.[0] === 100 && seen['/cart']?.[0] === 100);
  assert.deepEqual(answer.body.fields, ['count', 'min', 'max', 'p50']);
  assert.deepEqual(answer.body.by, ['route']);
  assert.equal(answer.body.w[1] - answer.body.w[0], 60_000);
  assert.equal(answer.body.n, 2);
  assert.equal(answer.body.next, null);
  assert.ok(!('ch' in answer.body) && !('s' in answer.body));
  const seen = rows(answer);
  assert.deepEqual(seen['/cart'], [100, 7, 7, 7]);
  assert.deepEqual(seen['/pay'].slice(0, 3), [100, 1, 100]);
  assert.ok(Math.abs(seen['/pay'][3] - 50) <= 50 * 0.011, `p50 is ${seen['/pay'][3]}`);
});

test('the same query is the same however it is asked, at a time of its own', limit, async () => {
  const query = { metric: 'shop.latency', by: ['route'], window: '1min', stats: ['count', 'mean'] };
  const first = await whole(query, (seen) => seen['/pay']?.[0] === 100);
  const time = `&time=${first.body.w[1]}`;
  const posted = await gateway.get(`/api/v1/query?${time.slice(1)}`, { method: 'POST', body: JSON.stringify(query) });
  const members = await ask('metric=shop.latency&by=route&window=1min&stats=count,mean', time);
  assert.deepEqual(members.body, first.body);
  assert.deepEqual(await posted.json(), first.body);
  const [, end] = first.body.w;
  const command = ['shop.latency', '--by', 'route', '--window', '1min', '--stats', 'count,mean', '--end', String(end)];
  // A range's windows end at multiples of its slide and step: with those of a second, its last ends at the moment itself.
  for (const more of [[], ['--last', '1s', '--slide', '1s', '--step', '1s']]) {
    const { stdout, stderr } = weir([...command, ...more, '--where', '["route","in",["/pay"]]', '--csv']);
    const [count, mean] = rows(first)['/pay'];
    assert.equal(stdout, `time,route,count,mean\n${new Date(end).toISOString()},/pay,${count},${mean}\n`, stderr);
  }
  assert.equal(weir([...command.slice(0, -1), 'yesterday']).status, 2);
});

test('a derived field joins metrics, and without keys rows by all other tags', limit, async () => {
  const joined = await whole(
    { metric: 'shop.*', by: ['route'], window: '1min', derive: { error_rate: 'errors.count / requests.count' } },
    (seen) => '/pay' in seen,
  );
  assert.deepEqual(joined.body.fields, ['error_rate']);
  assert.deepEqual(joined.body.by, ['route']);
  assert.deepEqual(rows(joined)['/pay'], [0.3]);
  assert.deepEqual(rows(joined)['/cart'], [null]);
  const without = await whole({ metric: 'shop.latency', without: ['host'], window: '1min', stats: ['count'] }, (seen) => 'route=/pay' in seen);
  assert.deepEqual(without.body.by, ['@tags']);
  assert.deepEqual(Object.keys(rows(without)).sort(), ['route=/cart', 'route=/pay']);
  const top = await ask({ metric: 'shop.latency', by: ['route'], window: '1min', stats: ['max'], order: 'max:desc', limit: 1 });
  assert.deepEqual(top.body.k, [['/pay']]);
});

test('a query that cannot be is refused with its code and the place of the fault', limit, async () => {
  const faults = [
    ['q=%7B', 2001, /not JSON/],
    ['', 6004, /which query/],
    ['by=a', 2002, /^metric: missing/],
    ['metric=a&where=[["t","=~","("]]', 2003, /^where\[0\]: /],
    ['metric=a&stats=count,median', 2004, /^stats\[1\]: unknown stat "median"/],
    ['metric=a&derive={"x":"max - men"}', 2004, /^derive\.x: at 7: /],
    ['metric=a&window=1500', 2005, /^window: /],
    ['metric=a&by=a,@x', 2007, /^by\[1\]: /],
    ['metric=a&order=p98', 2008, /^order: "p98"/],
    ['metric=a&order=p99&limit=1000001', 3007, /limits\.rows/],
    ['metric=a&time=now', 6004, /^time: /],
  ];
  for (const [query, n, says] of faults) {
    const { status, body } = await ask(query.replace(/[[\]{}" ~]/g, encodeURIComponent));
    assert.deepEqual([status, body.error.n, body.error.retry], [400, n, false], query);
    assert.match(body.error.msg, says);
  }
});

test('a query above limits.query_cost is refused with the numbers', limit, async () => {
  const small = await startGateway({ set: ['limits.query_cost=1000'] });
  await until('a catalogue', async () => (await (await small.get('/api/v1/metrics')).json()).items.length > 20);
  const dear = await until('the refusal', async () => {
    const answer = await small.get('/api/v1/query?metric=**&window=1min&stats=count');
    return answer.status === 400 && (await answer.json());
  });
  assert.equal(dear.error.n, 2006);
  assert.match(dear.error.msg, /^\d+ series x 6[01] panes of each x 1 stats are \d+, more than the 1000 of limits\.query_cost/);
  await small.stop();
});

test('weir query prints a table, JSON lines and comma-separated values', limit, async () => {
  await whole({ metric: 'shop.latency', by: ['route'], window: '1min', stats: ['count'] }, (seen) => seen['/pay']?.[0] === 100);
  const usual = ['shop.latency', '--by', 'route', '--stats', 'count,max', '--window', '1min', '--order', 'max:desc'];
  const table = weir(usual);
  assert.deepEqual([table.status, table.stderr], [0, '']);
  assert.match(table.stdout, /^route +count +max\n\/pay +100 +100\n\/cart +100 +7\n$/);
  assert.ok(!table.stdout.includes('\x1b'), 'colours are for terminals');
  const lines = weir([...usual, '--json']).stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => [line.metric, line.tags, line.stats, line.window]), [
    ['shop.latency', { route: '/pay' }, { count: 100, max: 100 }, 60_000],
    ['shop.latency', { route: '/cart' }, { count: 100, max: 7 }, 60_000],
  ]);
  const csv = weir([...usual, '--csv']).stdout.split('\n');
  assert.equal(csv[0], 'time,route,count,max');
  assert.match(csv[1], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z,\/pay,100,100$/);
  const derived = weir(['shop.*', '--by', 'route', '--window', '1min', '--derive', 'error_rate=errors.count / requests.count', '--csv']);
  assert.match(derived.stdout, /^time,route,error_rate\n.*,\/pay,0\.3\n/);
});

test('weir query --last prints a line for each window of that time', limit, async () => {
  const past = await until('counts that add up', () => {
    const ran = weir(['shop.latency', '--by', 'route', '--stats', 'count', '--window', '1s', '--slide', '1s', '--last', '5m', '--json']);
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
    const lines = ran.stdout.trim().split('\n').map((line) => JSON.parse(line));
    const total = (route) => lines.filter((line) => line.tags.route === route).reduce((sum, line) => sum + line.stats.count, 0);
    return total('/pay') === 100 && total('/cart') === 100 && lines;
  });
  for (const line of past) assert.deepEqual([line.window, line.time % 1_000], [1_000, 0]);
  const table = weir(['shop.*', '--by', 'route', '--stats', 'count,p99', '--window', '10s', '--last', '5m']);
  assert.equal(table.status, 0);
  assert.match(table.stdout, /^time +kind +metric +route +count +p99\n\d\d:\d\d:\d\d +/);
});

test('weir query says what is wrong, and its status tells whose fault it is', limit, async () => {
  const faults = [
    [['m', '--stats', 'median'], 2, /^weir query: the server refused the query: stats\[0\]: unknown stat "median".*\(query\.unknown_stat\)\n$/],
    [['m', '--json', '--csv'], 2, /--json or --csv/],
    [['m', '--last', '5x'], 2, /--last/],
    [['m', '--step', '5s'], 2, /--step goes with --last/],
    [['m', '--derive', 'max - min'], 2, /--derive .*has no name/],
    [['m', '--where', 'x'], 2, /is no matcher/],
    [[], 2, /which metric\?/],
    [['m', '--nope'], 2, /"--nope" is unknown/],
  ];
  for (const [args, status, says] of faults) {
    const ran = weir(args);
    assert.equal(ran.status, status, args.join(' '));
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, says);
  }
  const nothing = weir(['shop.nothing']);
  assert.deepEqual([nothing.status, nothing.stdout], [0, '']);
  assert.match(nothing.stderr, /no series matches shop\.nothing/);
  const nobody = spawnSync(PROGRAM, ['query', 'm', '--url', '127.0.0.1:1'], { cwd: ROOT, env: ENVIRONMENT, encoding: 'utf8' });
  assert.equal(nobody.status, 1);
  assert.match(nobody.stderr, /^weir query: nobody listens on http:\/\/127\.0\.0\.1:1\n$/);
});
