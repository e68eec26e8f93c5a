// weir demo, as somebody sees it who has nothing to measure yet.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { endChildren, PROGRAM, start, subscriber, until } from './gateway.mjs';

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
