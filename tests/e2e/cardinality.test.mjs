// Too many series, too many samples, and senders that are not allowed, against the real program: each loses only its own,
// totals are kept, the offender is named, and every ledger adds up.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { endChildren, startGateway, subscriber, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
const FEEDS = `[{listen: "udp://127.0.0.1:0", allow: ["127.0.0.0/30"]}, {listen: "tcp://127.0.0.1:0", allow: ["127.0.0.1"]},
  {listen: "udp://127.0.0.1:0", format: graphite, rate: 100}]`;
let gateway;
before(async () => {
  gateway = await startGateway({
    feeds: FEEDS,
    set: ['workers=1', 'limits.new_series_per_source=1', 'limits.values_per_tag=1200'],
  });
});
after(async () => {
  await gateway?.stop();
  endChildren();
});

/** A sender of its own address; every 127.x.y.z is this machine's. */
async function sender(address, feed) {
  const [host, port] = gateway.address(feed).split(':');
  const socket = dgram.createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    send: (text) =>
      new Promise((sent, failed) => socket.send(text, Number(port), host, (fault) => (fault ? failed(fault) : sent()))),
    close: () => socket.close(),
  };
}

const page = async () => (await gateway.get('/metrics')).text();
async function samples(feed) {
  const line = new RegExp(`^weir_ingest_samples_total\\{feed="${feed}",result="(\\w+)"\\} (\\S+)$`, 'gm');
  return Object.fromEntries([...(await page()).matchAll(line)].map(([, label, value]) => [label, Number(value)]));
}
const sum = (values) => Object.values(values).reduce((all, value) => all + value, 0);
/** Waits until a feed has produced this many samples, and gives where they went. */
async function produced(feed, count) {
  let now;
  await until(() => `${count} samples of ${feed}, there are ${JSON.stringify(now)}`, async () => {
    now = await samples(feed);
    return sum(now) >= count;
  });
  assert.equal(sum(now), count, JSON.stringify(now));
  return now;
}

/** Waits until a window of the last minute says this of the series that fit. */
async function shows(metric, where, wanted) {
  const q = { metric, where, window: '60s', slide: '1s', stats: ['sum'] };
  const peer = await subscriber(gateway.ws, [{ t: 'sub', id: 1, q, rate: '250ms' }]);
  let last;
  const fits = (m) => {
    if (!m.c?.[0]?.length) return false;
    last = m.c[0].at(-1);
    return last === wanted;
  };
  await until(() => `a sum of ${wanted} of ${metric}, it was ${last}`, () => peer.messages.find(fits));
  peer.close();
}

const OWN = [['weir_overflow', '=', '']];
const OVERFLOW = [['weir_overflow', 'exists']];

test('one floods new series, and what another sends stays exact', limit, async () => {
  const flood = await sender('127.0.0.2', 'udp/statsd');
  const known = await sender('127.0.0.1', 'udp/statsd');
  let sent = 0;
  for (let round = 0; round < 50; ++round) {
    let text = '';
    for (let i = 0; i < 60; ++i) text += `flood.hits:1|c|#request:${round * 60 + i},zone:eu\n`;
    await flood.send(text);
    await known.send(`known.hits:1|c|#host:a\nknown.hits:2|c|#host:b\nknown.new:1|c|#round:${round}`);
    sent += 63;
    if (round % 10 === 9) await produced('udp/statsd', sent); // no faster than it reads
  }
  const went = await produced('udp/statsd', 3150);
  // A burst of 1000 s of the limit is the sender's own, and one more each second of the test.
  assert.ok(went.overflow > 1900 && went.overflow <= 2000, JSON.stringify(went));
  assert.equal(went.own + went.overflow, 3150);
  await shows('known.hits', OWN, 150);
  await shows('known.new', OWN, 50);
  await shows('flood.hits', [], 3000);
  await shows('flood.hits', OVERFLOW, went.overflow);
  const text = await until('the offender by name', async () => {
    const now = await page();
    return now.includes(`weir_ingest_offender_sources{source="127.0.0.2",offence="new_series"} ${went.overflow}\n`) && now;
  });
  assert.match(text, /^weir_ingest_offenders\{name="flood\.hits",cap="new_series_per_source",tag="request"\} \d+$/m);
  assert.doesNotMatch(text, /weir_ingest_offenders\{name="known/);
  flood.close();
  known.close();
});

test('a source past its rate loses only its own', limit, async () => {
  const feed = 'udp/graphite';
  const loud = await sender('127.0.0.2', feed);
  const quiet = await sender('127.0.0.3', feed);
  await loud.send('loud.value 1 -1\n'.repeat(1000));
  await quiet.send('quiet.value 1 -1\n'.repeat(100));
  const went = await produced(feed, 1100);
  assert.equal(went.own + went.limited_rate, 1100, JSON.stringify(went));
  // As many at once as in a second; what came in two reads may have had a moment more.
  assert.ok(went.limited_rate >= 850 && went.limited_rate <= 900, JSON.stringify(went));
  await until('the loud one by address', async () =>
    (await page()).includes(`weir_ingest_offender_sources{source="127.0.0.2",offence="rate"} ${went.limited_rate}\n`));
  loud.close();
  quiet.close();
});

test('who is not allowed is refused at the door, or counted by the sample', limit, async () => {
  const before = await samples('udp/statsd');
  const stranger = await sender('127.0.0.9', 'udp/statsd');
  await stranger.send('stranger.hits:1|c\n'.repeat(7));
  const went = await produced('udp/statsd', sum(before) + 7);
  assert.equal(went.limited_source, 7);
  stranger.close();

  const [host, port] = gateway.address('tcp/statsd').split(':');
  const from = (localAddress) => net.connect({ host, port: Number(port), localAddress });
  const refused = from('127.0.0.9');
  refused.on('error', () => {}); // a reset is a refusal too
  refused.resume();
  await once(refused, 'close');
  assert.equal(await gateway.metric('weir_ingest_connections_total{feed="tcp/statsd",result="refused"}'), 1);
  const allowed = from('127.0.0.1');
  allowed.end('allowed.hits:3|c\n');
  await once(allowed.resume(), 'close');
  await produced('tcp/statsd', 1);
  await shows('allowed.hits', [], 3);
});
