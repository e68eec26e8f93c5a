// The past over HTTP: what went in over UDP is there when it is asked for, by a query that nobody watched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endChildren, startGateway, until } from './gateway.mjs';

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
