// The conservation law of writes over HTTP, of the real program under more requests at once than it takes in a turn:
// what its senders were told is what it counts, on /metrics, on the status, and in the panes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
after(endChildren);

const SENDERS = 24;
const REQUESTS = 20; // of each sender, one behind the other without waiting
const GOOD = 'flood.hits:1|c\n';

/** Requests of one sender, and what each is told when all is well: bodies of 1 to 1,524 lines, some with bad ones. */
function requestsOf(host, sender) {
  return Array.from({ length: REQUESTS }, (_, i) => {
    const good = i % 4 === 0 ? 1500 + sender : 1 + sender; // the long ones are not taken in one turn
    const bad = i % 5 === 1 ? 3 : 0;
    const plain = GOOD.repeat(good) + 'BAD\n'.repeat(bad);
    const packed = i % 3 === 2;
    const body = packed ? gzipSync(plain) : Buffer.from(plain);
    const head = `POST /api/v1/write HTTP/1.1\r\nHost: ${host}\r\n${packed ? 'Content-Encoding: gzip\r\n' : ''}` +
      `Content-Length: ${body.length}\r\n\r\n`;
    return { bytes: Buffer.concat([Buffer.from(head), body]), good, bad };
  });
}

/** Sends them all at once; the statuses, in their order. */
async function pipelined(address, requests) {
  const [host, port] = address.split(':');
  const socket = net.connect(Number(port), host);
  await once(socket, 'connect');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text;
  });
  socket.write(Buffer.concat(requests.map(({ bytes }) => bytes)));
  const statuses = () => [...heard.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  await until('the answers', () => statuses().length === requests.length, { within: 30_000 });
  socket.end();
  return statuses();
}

/** One request on a connection of its own; half of it waits for `rest`. Its status; 0 when there is no answer. */
async function inHalves(address, { bytes }, rest) {
  const [host, port] = address.split(':');
  const socket = net.connect(Number(port), host);
  socket.on('error', () => {}); // who is refused may find the connection reset behind the answer
  await once(socket, 'connect');
  let heard = '';
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text;
  });
  const half = bytes.length >> 1;
  socket.write(bytes.subarray(0, half));
  await rest;
  if (socket.writable) socket.write(bytes.subarray(half));
  const status = () => Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 0);
  await until('an answer, or the end', () => status() > 0 || socket.destroyed, { within: 30_000 });
  socket.destroy();
  return status();
}

test('of a flood that is more than it takes, who was refused counts for nothing', limit, async () => {
  const set = ['workers=2', 'limits.body=1MiB', 'limits.bodies=1MiB', 'http.writers_rate=20000'];
  const gateway = await startGateway({ set });
  const lines = 20_000;
  const body = GOOD.repeat(lines);
  const bytes = Buffer.from(`POST /api/v1/write HTTP/1.1\r\nHost: ${gateway.http}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  // Halves of 60 bodies are more than all bodies may take: of those with room each begins, and is taken, only when all
  // have come. Then one after another come more samples than an address may write in a second.
  let go;
  const all = new Promise((resolve) => {
    go = resolve;
  });
  const crowd = Array.from({ length: 60 }, () => inHalves(gateway.http, { bytes }, all));
  const refusedBodies = () => gateway.metric('weir_http_writes_refused_total{reason="no_room"}');
  await until('bodies without room', async () => (await refusedBodies()) > 0);
  go();
  const told = await Promise.all(crowd);
  for (let i = 0; i < 20; ++i) told.push(await inHalves(gateway.http, { bytes }, null));
  const count = (status) => told.filter((each) => each === status).length;
  for (const status of [204, 429, 503]) assert.ok(count(status) > 0, `${status} among ${told}`);
  assert.equal(count(204) + count(429) + count(503), told.length, `${told}`);
  const accepted = count(204) * lines;
  const result = (unit, name) => gateway.metric(`weir_ingest_${unit}_total{feed="http/statsd",result="${name}"}`);
  await until('the ledger', async () => (await result('lines', 'accepted')) === accepted);
  assert.equal(await result('lines', 'rejected'), 0);
  assert.equal(await result('samples', 'own'), accepted);
  await until('the panes', async () => {
    const answer = await (await gateway.get('/api/v1/query?metric=flood.hits&window=10m&stats=count')).json();
    return answer.c?.[0]?.[0] === accepted;
  });
  await gateway.stop();
});

test('what a flood of writes was told is what counts', limit, async () => {
  const gateway = await startGateway({ set: ['workers=2'] });
  const all = Array.from({ length: SENDERS }, (_, sender) => requestsOf(gateway.http, sender));
  const told = await Promise.all(all.map((requests) => pipelined(gateway.http, requests)));
  let accepted = 0;
  let rejected = 0;
  all.forEach((requests, sender) => {
    requests.forEach(({ good, bad }, i) => {
      assert.equal(told[sender][i], bad > 0 ? 400 : 204, `request ${i} of sender ${sender}`);
      accepted += good;
      rejected += bad;
    });
  });
  const feed = await until('the ledger', async () => {
    const { ingest } = await (await gateway.get('/api/v1/status')).json();
    const found = ingest.feeds.find(({ name }) => name === 'http/statsd');
    return found?.lines.received === accepted + rejected && found;
  });
  assert.equal(feed.lines.accepted, accepted);
  assert.equal(feed.lines.rejected, rejected);
  assert.equal(feed.samples.produced, accepted);
  assert.equal(feed.samples.own, accepted);
  assert.equal(await gateway.metric('weir_ingest_lines_total{feed="http/statsd",result="accepted"}'), accepted);
  assert.equal(await gateway.metric('weir_ingest_samples_total{feed="http/statsd",result="own"}'), accepted);
  await until('the panes', async () => {
    const answer = await (await gateway.get('/api/v1/query?metric=flood.hits&window=10m&stats=count')).json();
    return answer.c?.[0]?.[0] === accepted;
  });
  await gateway.stop();
});
