// Line 6 of the protocol's requirements, with the client that people use: 300 random schedules of bad luck, eight
// clients each. Every client comes to the server's table, and no gap goes unnoticed.
//
// A schedule's seed decides what is asked, what happens to which connection, and when. Many run side by side (who is
// half open hears of it after 25 s of silence), a third of them against each of three servers: one that stays, one that
// is stopped, one that is killed. What the server's table is after a frame is known from who began with a snapshot and
// was never disturbed: after the same frame of the same channel, a client's table has to be the same.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Weir } from '../../build/dashboard/weir.js';
import { WebSocket as NpmWebSocket } from '../../dashboard/node_modules/ws/wrapper.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';
import { startProxy } from './rough_proxy.mjs';
import { witness } from './wire_witness.mjs';

const SCHEDULES = Number(process.env.SCHEDULES ?? 300);
const FIRST = Number(process.env.SCHEDULE_SEED ?? 1);
const CLIENTS = 8;
const AT_ONCE = 20; // schedules at one server
const TROUBLE_MS = 6_000; // in which things happen to a schedule's connections
const RESTARTS_MS = [5_000, 20_000]; // of the servers that do
const SET = [
  'time.tick=100ms',
  'time.pane=500ms',
  'time.allowed_lateness=500ms',
  'series_ttl=10s',
  'http.timeouts.ping=3s',
  'http.timeouts.pong=3s',
];

const LUCK = Object.entries({ cut: 6, cutAll: 2, end: 4, stall: 6, mute: 2, halfOpen: 1 }).flatMap(([what, times]) => Array(times).fill(what));

/** Without compression: ws inflates a few messages at once for all its sockets, and stands still after enough cuts. */
class PlainNpmWebSocket extends NpmWebSocket {
  constructor(url, protocols) {
    super(url, protocols, { perMessageDeflate: false });
  }
}

const ends = []; // what is still open when the test fails
after(() => {
  for (const end of ends) end();
  endChildren();
});

/** Numbers in [0, 1) that the seed alone decides (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const oneOf = (random, list) => list[Math.floor(random() * list.length)];

const RATES = ['500ms', '1s', '2s'];
const QUERIES = [
  { metric: 'rough.level', by: ['row'], stats: ['last'], window: '1m', slide: '1s' },
  { metric: 'rough.*', by: ['row'], stats: ['last', 'max'], window: '5s', slide: '500ms' },
  { metric: 'rough.level', by: ['row'], where: [['part', '=', 'odd']], stats: ['last', 'min'], window: '5s', slide: '1s' },
  { metric: 'rough.level', by: ['row', 'part'], stats: ['last'], window: '10s', order: 'last:desc', limit: 5 },
  { metric: 'rough.hits', by: ['row'], stats: ['count', 'rate'], window: '10s', slide: '1s' },
  { metric: 'rough.**', by: ['part'], stats: ['max', 'last'], window: '2s', slide: '500ms' },
];
const WISHES = QUERIES.flatMap((query) => RATES.map((rate) => ({ query, rate })));

/** Rows that stay, rows that come for some seconds and expire, and counters. */
function lines(random, turn) {
  const stay = Array.from({ length: 12 }, (_, row) =>
    `rough.level:${Math.floor(random() * 1e6)}|g|#row:s${row},part:${row % 2 ? 'odd' : 'even'}`);
  const visitor = Math.floor(turn / 8);
  const come = [visitor, visitor - 1].map((row) => `rough.level:${turn}|g|#row:v${row},part:${row % 2 ? 'odd' : 'even'}`);
  const hits = Array.from({ length: 3 }, () => `rough.hits:1|c|#row:h${Math.floor(random() * 5)}`);
  return [...stay.filter(() => random() < 0.4), ...come, ...hits];
}

/** A server at one address, whatever becomes of it; fed all the time; with what its tables were after each frame. */
async function open(trouble, seed) {
  const gateway = await startGateway({ set: SET });
  const house = { gateway, address: gateway.http, tables: new Map(), wishes: [], lives: true };
  const random = randomOf(seed);
  let turn = 0;
  const feed = setInterval(() => {
    turn += 1;
    void house.gateway?.statsd(lines(random, turn).join('\n'));
  }, 250);
  house.wishes = WISHES.map((wish) => {
    const client = subscribe(gateway.ws, wish, WebSocket);
    client.subscription.on('update', () => house.tables.set(client.seen.at, { at: Date.now(), table: tableOf(client) }));
    return client;
  });
  const restarts = trouble === 'none' ? [] : RESTARTS_MS;
  const timers = restarts.map((at) => setTimeout(async () => {
    const old = house.gateway;
    house.gateway = undefined;
    await old.stop(trouble);
    if (house.lives) house.gateway = await startGateway({ http: house.address, set: SET, feeds: '[{listen: "udp://127.0.0.1:0"}]' });
  }, at));
  house.close = () => {
    house.lives = false;
    clearInterval(feed);
    timers.forEach(clearTimeout);
    for (const { weir } of house.wishes) weir.close();
  };
  ends.push(house.close);
  await Promise.all(house.wishes.map(({ subscription }) => subscription.ready));
  return house;
}

function subscribe(url, { query, rate }, Base, history) {
  const seen = witness(Base);
  const weir = new Weir(url, { WebSocket: seen.Socket, transports: ['websocket'], backoff: { baseMs: 200, maxMs: 3_000 } });
  return { query, rate, seen, weir, subscription: weir.subscribe(query, history ? { rate, history } : { rate }) };
}

function tableOf({ subscription, query }) {
  const { table } = subscription;
  const rows = [...table.rows()].map((row) => [row, table.tags(row), query.stats.map((stat) => table.get(row, stat))]);
  return JSON.stringify(rows);
}

/** Eight clients behind their own proxy; what happens to their connections; what they came to. */
async function run(seed, house, done) {
  const random = randomOf(seed);
  const proxy = await startProxy(() => Number(house.address.split(':')[1]));
  const clients = Array.from({ length: CLIENTS }, () => subscribe(
    `ws://127.0.0.1:${proxy.port}/v1/ws`,
    oneOf(random, WISHES),
    oneOf(random, [WebSocket, PlainNpmWebSocket]),
    random() < 0.25 && '20s',
  ));
  ends.push(() => clients.forEach(({ weir }) => weir.close()), () => proxy.close());
  const events = Array.from({ length: 3 + Math.floor(random() * 6) }, () => ({
    at: random() * TROUBLE_MS,
    what: oneOf(random, LUCK),
    who: random(),
    ms: 200 + random() * 6_000,
  }));
  for (const { at, what, who, ms } of events)
    setTimeout(() => {
      const links = proxy.links();
      if (links.length === 0) return;
      done.set(what, (done.get(what) ?? 0) + 1);
      if (what === 'cutAll') for (const link of links) link.cut();
      else links[Math.floor(who * links.length)][what](ms);
    }, at);

  const begun = Date.now();
  const late = new Set(clients);
  const compare = () => {
    for (const client of clients) {
      const known = house.tables.get(client.seen.at);
      if (!known || client.compared === client.seen.at) continue;
      client.compared = client.seen.at;
      assert.equal(tableOf(client), known.table, `${context(seed, client)} after frame ${client.seen.at}, after\n${client.seen.before.join('\n')}`);
      if (known.at > begun + TROUBLE_MS && client.subscription.state === 'live') late.delete(client);
    }
    return late.size === 0;
  };
  const what = () => [...late].map((one) => {
    const peer = house.wishes.find(({ query, rate }) => query === one.query && rate === one.rate);
    return `${context(seed, one)} is ${one.weir.state}, ${one.subscription.state}, after ${one.seen.at}\n${one.seen.before.join('\n')}` +
      `\nthe undisturbed one is ${peer.weir.state}, ${peer.subscription.state}, after ${peer.seen.at}\n${peer.seen.before.join('\n')}`;
  }).join('\n');
  await until(what, compare, { within: 150_000, every: 200 });
  for (const { weir } of clients) weir.close();
  proxy.close();
  for (const client of clients) {
    assert.deepEqual(client.seen.faults, [], context(seed, client));
    assert.deepEqual([client.weir.faults, client.weir.malformed], [0, 0], context(seed, client));
  }
  return clients;
}
const context = (seed, { query, rate }) => `seed ${seed} (SCHEDULES=1 SCHEDULE_SEED=${seed}) ${rate} ${JSON.stringify(query)}`;

test('every client of 300 random schedules comes to the table of the server, and no gap goes unnoticed', { timeout: 400_000 }, async (t) => {
  const done = new Map();
  const third = Math.ceil(SCHEDULES / 3);
  const shares = await Promise.all(['none', 'SIGTERM', 'SIGKILL'].map(async (trouble, part) => {
    const seeds = Array.from({ length: Math.min(third, SCHEDULES - part * third) }, (_, i) => FIRST + part * third + i);
    const house = await open(trouble, FIRST + part);
    const clients = [];
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, seeds.length) }, async (_, place) => {
      await pause(place * 100); // not all in one moment
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) clients.push(...(await run(seed, house, done)));
    }));
    house.close();
    await until('the gateway', () => house.gateway);
    await house.gateway.stop();
    return [...clients, ...house.wishes];
  }));

  const all = shares.flat();
  const why = new Map();
  for (const { seen } of all) for (const [reason, count] of seen.why) why.set(reason, (why.get(reason) ?? 0) + count);
  t.diagnostic(JSON.stringify({ clients: all.length, ...Object.fromEntries(done), ...Object.fromEntries(why) }));
  if (SCHEDULES < 300) return;
  for (const what of ['cut', 'cutAll', 'end', 'stall', 'halfOpen', 'mute']) assert.ok(done.get(what) > 30, what);
  for (const reason of ['new', 'resumed', 'epoch_changed']) assert.ok(why.get(reason) > 100, reason);
});
