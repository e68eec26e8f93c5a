// The subscription protocol over a real socket, as `new WebSocket(url)` gives it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endChildren, raw, startGateway, subscriber } from './gateway.mjs';

const limit = { timeout: 60_000 };
let gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

const sub = (id, q, more = {}) => ({ t: 'sub', id, q, ...more });

test('a sub without a hello gives subd with the defaults, snap, then u', limit, async () => {
  const peer = await subscriber(gateway.ws, [sub(1, { metric: 'system.cpu.utilization' })]);
  const subd = await peer.next('subd', (m) => m.t === 'subd');
  assert.equal(subd.id, 1);
  assert.equal(subd.window, 10_000);
  assert.equal(subd.slide, 1000);
  assert.equal(subd.rate, 1000);
  assert.equal(subd.mode, 'snapshot');
  assert.deepEqual(subd.by, []);
  assert.deepEqual([...subd.fields].sort(), ['count', 'last', 'mean', 'p50', 'p99', 'rate']);
  const snap = await peer.next('snap', (m) => m.t === 'snap' && m.ch === subd.ch);
  const news = await peer.next('u', (m) => m.t === 'u' && m.ch === subd.ch);
  assert.equal(news.s, snap.s + 1);
  assert.equal(news.c.length, subd.fields.length);
  assert.ok(peer.messages.indexOf(subd) < peer.messages.indexOf(snap));
  peer.close();
});

test('garbage gets an err and the connection goes on', limit, async () => {
  const peer = await subscriber(gateway.ws, [sub(1, { metric: 'system.memory.usage' })]);
  await peer.next('snap', (m) => m.t === 'snap');
  for (const [bad, code] of [
    ['garbage', 'query.bad_json'],
    [{ t: 'nonsense', id: 2 }, 'proto.unknown_type'],
    [sub(3, { metric: 'a', stats: ['p101'] }), 'query.unknown_stat'],
    [sub(4, { metric: 'a', window: '1500ms' }), 'query.bad_window'],
    [sub(5, { metric: 'a', where: [['x', '=~', '(']] }), 'query.bad_matcher'],
    [sub(1, { metric: 'a' }), 'sub.duplicate_id'],
    [{ t: 'unsub', id: 99 }, 'sub.unknown_id'],
  ]) {
    peer.say(bad);
    const err = await peer.next(code, (m) => m.t === 'err' && m.code === code);
    assert.ok(err.msg.length > 0 && err.n > 1000, JSON.stringify(err));
  }
  const seen = peer.messages.length;
  await peer.next('u after all that', (m) => m.t === 'u' && peer.messages.indexOf(m) >= seen);
  peer.close();
});

test('a datagram shows in the next u', limit, async () => {
  const peer = await subscriber(gateway.ws, [
    sub(1, { metric: 'e2e.latency', by: ['route'], stats: ['last', 'count', 'max'] }, { rate: '250ms' }),
  ]);
  await peer.next('snap', (m) => m.t === 'snap');
  await gateway.statsd('e2e.latency:12.5|ms|#route:/pay');
  const news = await peer.next('the sample', (m) => m.d?.k?.[0]?.[0] === '/pay');
  const subd = peer.messages.find((m) => m.t === 'subd');
  assert.equal(news.c[subd.fields.indexOf('max')][0], 12.5);
  peer.close();
});

test('two who ask the same differently get the same channel and the same frames', limit, async () => {
  const ask = (window, stats) => sub(1, { metric: 'system.cpu.utilization', by: ['mode'], window, stats });
  const one = await subscriber(gateway.ws, [ask('5s', ['mean', 'last'])]);
  const other = await subscriber(gateway.ws, [ask(5000, ['last', 'mean', 'last'])]);
  const [a, b] = await Promise.all([one, other].map((p) => p.next('subd', (m) => m.t === 'subd')));
  assert.equal(a.ch, b.ch);
  const mine = await one.next('a u that both have', (m) =>
    m.t === 'u' && other.messages.some((o) => o.t === 'u' && o.s === m.s));
  assert.deepEqual(other.messages.find((m) => m.t === 'u' && m.s === mine.s), mine);
  one.close();
  other.close();
});

test('a gauge, a counter and a set mean what StatsD says', limit, async () => {
  const peer = await subscriber(gateway.ws, [
    sub(1, { metric: 'e2e.gauge', stats: ['last'] }, { rate: '250ms' }),
    sub(2, { metric: 'e2e.counter', stats: ['sum'] }, { rate: '250ms' }),
    sub(3, { metric: 'e2e.set', stats: ['distinct'] }, { rate: '250ms' }),
  ]);
  const channels = await Promise.all(
    [1, 2, 3].map((id) => peer.next('subd', (m) => m.t === 'subd' && m.id === id).then((m) => m.ch)),
  );
  await gateway.statsd('e2e.gauge:40|g\ne2e.gauge:+2|g\ne2e.counter:1|c|@0.1\ne2e.set:a|s\ne2e.set:b|s\ne2e.set:a|s');
  const shown = [42, 10, 2];
  for (const [at, ch] of channels.entries())
    await peer.next(`${shown[at]}`, (m) => /^(u|snap)$/.test(m.t) && m.ch === ch && m.c?.[0]?.[0] === shown[at]);
  peer.close();
});

test('a page of a foreign origin may not connect, and a rebound name is not answered', limit, async () => {
  const upgrade = {
    Upgrade: 'websocket', Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const ask = (headers) => {
    const lines = Object.entries({ ...upgrade, ...headers }).map(([name, text]) => `${name}: ${text}`);
    return raw(gateway.http, `GET /v1/ws HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, /\r\n\r\n/);
  };
  assert.match(await ask({ Host: gateway.http, Origin: 'http://evil.example' }), /^HTTP\/1\.1 403 /);
  assert.match(await ask({ Host: 'evil.example' }), /^HTTP\/1\.1 421 /);
});

after(endChildren);
