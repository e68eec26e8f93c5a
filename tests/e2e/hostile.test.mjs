// A hundred clients that misbehave in every way we know, beside a hundred that read: those get every update, in order,
// without a gap and as soon as before, and those that misbehave can use only their own limits.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { endChildren, startGateway, subscriber, until } from './gateway.mjs';

after(endChildren);

const GOOD = 100;
const EACH = 10; // of each way
const STEPS = 60; // updates while they misbehave
const CALM_STEPS = 20; // before
const TICK_MS = 250;

const UPGRADE = (host) =>
  `GET /v1/ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** A client's frame, masked by zeros. */
function frame(opcode, payload, announced = payload.length) {
  const head = announced < 126 ? [0x80 | opcode, 0x80 | announced] : [0x80 | opcode, 0xff, 0, 0, 0, 0];
  const header = Buffer.from([...head, ...(announced < 126 ? [] : [0, 0, 0, 0]), 0, 0, 0, 0]);
  if (announced >= 126) header.writeUInt32BE(announced, 6);
  return Buffer.concat([header, Buffer.from(payload)]);
}
const text = (message) => frame(1, JSON.stringify(message));
const sub = (id, more = {}) => ({ t: 'sub', id, rate: '250ms', q: { metric: 'hostile.*', by: ['row'], ...more } });

/** What each of them does with a socket, until it is told to stop or is cut off. */
const WAYS = {
  async neverReads(peer) {
    peer.socket.pause();
    peer.send(text(sub(1)));
    for (let id = 2; peer.lives(); id += 1) {
      peer.send(text({ t: 'ping', n: id }));
      await pause(2);
    }
  },
  async halfFrames(peer) {
    for (const byte of frame(1, '{"t":"sub"', 60_000)) {
      peer.send(Buffer.from([byte]));
      await pause(20);
    }
    await peer.over;
  },
  async garbage(peer) {
    while (peer.lives()) {
      peer.send(randomBytes(4_096));
      await pause(5);
    }
  },
  async pingFlood(peer) {
    const flood = Buffer.concat(Array(200).fill(frame(9, 'x'.repeat(125))));
    while (peer.lives()) {
      peer.send(flood);
      await pause(5);
    }
  },
  async subStorm(peer) {
    for (let id = 1; peer.lives(); id += 1) {
      peer.send(Buffer.concat([text(sub(id)), text({ t: 'unsub', id })]));
      if (id % 20 === 0) await pause(5);
    }
  },
  async hugeQueries(peer) {
    const where = Array.from({ length: 1_500 }, (_, i) => [`k${i}`, '=~', '(a+)+b']);
    for (let id = 1; peer.lives(); id += 1) {
      peer.send(text(sub(id, { where, by: Array(500).fill('row'), window: '10m', slide: '1s' })));
      await pause(50);
    }
  },
  async tooLong(peer) {
    peer.send(frame(1, '', 1_000_000_000));
    while (peer.lives()) {
      peer.send(Buffer.alloc(65_536));
      await pause(5);
    }
  },
  async pastAndNames(peer) {
    peer.send(text(sub(0, { metric: 'hostile.wide' }))); // more than anybody may have in a second
    const start = Date.now() - 3_600_000;
    for (let id = 1; peer.lives(); id += 1) {
      peer.send(text({ t: 'range', id, q: { metric: 'hostile.**' }, start, step: '1s' }));
      peer.send(text({ t: 'meta', id: 100_000 + id, what: 'metrics', match: '**' }));
      await pause(10);
    }
  },
};
/** Those that never get so far as a WebSocket, again and again. */
const DOORS = {
  async slowHandshake(host, lives) {
    while (lives()) {
      const peer = await connect(host, false);
      for (const letter of UPGRADE(host)) {
        if (!lives() || !peer.lives()) break;
        peer.send(Buffer.from(letter));
        await pause(100);
      }
      peer.socket.destroy();
    }
  },
  async resets(host, lives) {
    while (lives()) {
      const peer = await connect(host, true);
      peer.send(text(sub(1)));
      await pause(10);
      peer.socket.resetAndDestroy();
    }
  },
};

/** `send` drops what the peer does not take: a flood needs no memory of ours. */
async function connect(host, upgrades) {
  const [address, port] = host.split(':');
  const socket = net.connect(Number(port), address);
  const over = new Promise((closed) => socket.once('close', closed));
  socket.on('error', () => {}).on('data', () => {});
  await new Promise((told) => socket.once('connect', told).once('close', told));
  const peer = {
    socket,
    over,
    lives: () => !socket.destroyed,
    send: (bytes) => {
      if (!socket.destroyed && socket.writableLength < 1_000_000) socket.write(bytes);
    },
  };
  if (upgrades) peer.send(Buffer.from(UPGRADE(host)));
  return peer;
}

/** A hundred of them, each again when it was cut off; call the result to end them. */
function misbehave(host) {
  let lives = true;
  const sockets = new Set();
  const again = async (way) => {
    while (lives) {
      const peer = await connect(host, true);
      sockets.add(peer.socket);
      await way(peer);
      sockets.delete(peer.socket);
      peer.socket.destroy();
    }
  };
  const all = [
    ...Object.values(WAYS).map((way) => () => again(way)),
    ...Object.values(DOORS).map((door) => () => door(host, () => lives)),
  ].flatMap((one) => Array.from({ length: EACH }, one));
  assert.equal(all.length, 100);
  return async () => {
    lives = false;
    const sweep = setInterval(() => sockets.forEach((socket) => socket.destroy()), 20);
    await Promise.all(all);
    clearInterval(sweep);
  };
}

const WIDE = Array.from({ length: 300 }, (_, row) => row);
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** One that reads, and remembers when each step came: its own number of ms. */
async function reader(gateway) {
  const query = { metric: 'hostile.step', by: [], stats: ['last'], window: '1m', slide: '1s' };
  const peer = await subscriber(gateway.ws, [sub(1, query)]);
  peer.came = new Map();
  peer.socket.addEventListener('message', ({ data }) => {
    const { t, c, f, rev } = JSON.parse(data);
    const [[step] = []] = c ?? [];
    if ((t === 'u' || t === 'snap') && !f && !rev && step !== undefined && !peer.came.has(step)) peer.came.set(step, performance.now());
  });
  return peer;
}

test('a hundred that misbehave cost a hundred that read no update, no order and no place', { timeout: 240_000 }, async (t) => {
  const gateway = await startGateway({ set: ['workers=2', 'limits.output_per_second=16KiB'] });
  const good = await Promise.all(Array.from({ length: GOOD }, () => reader(gateway)));
  /** How long the step took to each of them, in ms. */
  const reached = async (step) => {
    const sent = performance.now();
    await gateway.statsd(`hostile.step:${step}|g`);
    await gateway.statsd(WIDE.map((row) => `hostile.wide:${step + row}|ms|#row:${row}`).join('\n'));
    for (const peer of good) await until(`step ${step}`, () => peer.came.has(step), { within: 30_000, every: 5 });
    return good.map((peer) => peer.came.get(step) - sent);
  };
  let step = 0;
  const delays = async (steps) => {
    const all = [];
    for (const last = step + steps; step < last; step += 1) all.push(...(await reached(step)));
    return median(all);
  };
  const calm = await delays(CALM_STEPS);
  const end = misbehave(gateway.http);
  t.after(end);
  const beside = await delays(STEPS);
  t.diagnostic(`half of the updates came within ${calm.toFixed()} ms, and ${beside.toFixed()} ms beside the hundred`);
  assert.ok(beside <= 3 * calm + TICK_MS, `${beside} ms beside them, ${calm} ms without`);
  for (const peer of good) {
    assert.deepEqual(peer.messages.filter((m) => !/^(subd|snap|u|hb)$/.test(m.t)), []);
    assert.equal(peer.messages.filter((m) => m.t === 'subd' || m.t === 'snap').length, 2, 'neither gap nor another rate');
    const numbers = peer.messages.filter((m) => m.t === 'u').map((m) => m.s);
    numbers.forEach((s, i) => assert.equal(s, numbers[0] + i, 'every update, in order'));
    const steps = peer.messages.filter((m) => m.t === 'u' && !m.f && !m.rev && m.i.length > 0).map((m) => m.c[0][0]);
    steps.forEach((step, i) => assert.ok(i === 0 || step >= steps[i - 1], `${step} after ${steps[i - 1]}`));
  }
  const closed = (reason) => gateway.metric(`weir_connections_closed_total{reason="${reason}"}`);
  for (const reason of ['protocol', 'close_timeout', 'peer_reset'])
    await until(`some ended as ${reason}`, async () => (await closed(reason)) > 0, { within: 30_000 });
  for (const limit of ['weir_commands_deferred_total', 'weir_output_held_total'])
    assert.ok((await gateway.metric(limit)) > 0, `some came to ${limit}`);
  await end();
  const ours = 2; // of who asks for the number
  await until('their places', async () => (await gateway.metric('weir_connections')) <= GOOD + ours, { within: 60_000 });
  await reached(step);
  for (const peer of good) peer.close();
  assert.equal((await gateway.stop()).code, 0);
});
