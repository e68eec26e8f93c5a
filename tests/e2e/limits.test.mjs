// Every limit of the configuration, in the real program: set low, it is met by what it is there for, a counter of
// /metrics that names it moves, and the gateway goes on.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { WebSocket as NpmWebSocket } from '../../dashboard/node_modules/ws/wrapper.mjs';
import { endChildren, raw, ROOT, startGateway, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
const folder = mkdtempSync(`${tmpdir()}/weir-limits-`);
after(() => {
  endChildren();
  rmSync(folder, { recursive: true, force: true });
});

writeFileSync(`${folder}/large.html`, 'x'.repeat(5_000));

const TOKEN = 'of-the-one-reader';
const READER = `auth.readers=[{name: one, hash: "sha256:${createHash('sha256').update(TOKEN).digest('hex')}"}]`;
const PROXY = 'http.trusted_proxies=127.0.0.1';
const MANY = 'limits.new_series_per_source=off';

const OVERFLOW = /^weir_ingest_samples_total\{feed="http\/statsd",result="overflow"\}/;

const counters = (count, spell) => Array.from({ length: count }, (_, i) => `${spell(i)}\n`).join('');
const write = (gateway, body) => gateway.get('/api/v1/write', { method: 'POST', body });
const of = (query) => JSON.stringify(query);

/** A WebSocket that says these at once; what is answered is in `heard`. */
async function says(gateway, ...messages) {
  const socket = new NpmWebSocket(gateway.ws, 'weir.v1.json');
  const peer = { socket, heard: '' };
  socket.on('message', (data) => {
    peer.heard += data;
  });
  socket.on('error', () => {});
  await once(socket, 'open');
  for (const message of messages) socket.send(JSON.stringify(message));
  return peer;
}
const hello = (token) => ({ t: 'hello', v: 1, token });
const sub = (id, query = { metric: `m${id}` }) => ({ t: 'sub', id, rate: '250ms', q: query });

/** Connections that say this and stay open. */
function held(gateway, count, bytes = '') {
  const [host, port] = gateway.http.split(':');
  return Array.from({ length: count }, () => {
    const socket = net.connect(Number(port), host);
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes);
    return socket;
  });
}
const from = (more = {}) => ({ headers: { 'X-Forwarded-For': '192.0.2.1', ...more } });
const proxied = (address) => `PROXY TCP4 ${address} 198.51.100.7 51234 443\r\n`;
async function times(count, act) {
  for (let i = 0; i < count; i += 1) await act(i);
}

/** Of each limit: what it is set to, what else is, what meets it, and what then counts on /metrics. */
const LIMITS = {
  memory: {
    to: '16MiB',
    set: [MANY, 'limits.series=2000', 'time.pane=100ms', 'time.tick=100ms'],
    again: (gateway) => write(gateway, counters(1_500, (i) => `m:${i}:2:30:400:5000:60000|ms|#row:${i}`)),
    counts: /^weir_panes_shed_total /,
  },
  series: {
    to: 100,
    meet: (gateway) => write(gateway, counters(200, (i) => `m:1|c|#row:${i}`)),
    counts: OVERFLOW,
  },
  names: {
    to: 10,
    meet: (gateway) => write(gateway, counters(50, (i) => `m${i}:1|c`)),
    counts: OVERFLOW,
  },
  series_per_name: {
    to: 10,
    meet: (gateway) => write(gateway, counters(50, (i) => `m:1|c|#row:${i}`)),
    counts: OVERFLOW,
  },
  values_per_tag: {
    to: 5,
    meet: (gateway) => write(gateway, counters(50, (i) => `m:1|c|#row:${i}`)),
    counts: OVERFLOW,
  },
  new_series_per_source: {
    to: 1,
    meet: (gateway) => write(gateway, counters(3_000, (i) => `m:1|c|#row:${i}`)),
    counts: OVERFLOW,
  },
  rows: {
    to: 2,
    async meet(gateway) {
      await write(gateway, counters(9, (i) => `m:1|c|#row:${i}`));
      await says(gateway, sub(1, { metric: 'm', by: ['row'] }));
    },
    counts: /^weir_rows_overflowed_total /,
  },
  annotations: {
    to: 10,
    meet: (gateway) => times(15, (i) => gateway.statsd(`_e{7,4}:event${10 + i}|text`)),
    counts: /^weir_annotations_left_total\{why="count"\}/,
  },
  boards: {
    to: 1,
    set: [`boards.path=${folder}/boards`],
    meet: (gateway) => times(2, (i) => gateway.get(`/api/v1/boards/board-${i}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'If-None-Match': '*' },
      body: JSON.stringify({ title: `board ${i}`, cards: [] }),
    })),
    counts: /^weir_boards_changes_total\{result="refused"\}/,
  },
  query_cost: {
    to: 1000,
    async meet(gateway) {
      await write(gateway, counters(50, (i) => `m:1|c|#row:${i}`));
      const query = '/api/v1/query?metric=m&by=row&window=1min&stats=count';
      await until('a refusal', async () => (await gateway.get(query)).status === 400);
    },
    counts: /^weir_questions_refused_total\{code="query\.too_expensive"\}/,
  },
  surveys: {
    to: 4,
    meet: (gateway) => Promise.all(Array.from({ length: 200 }, (_, i) => gateway.get(`/api/v1/series?match=m${i}`))),
    counts: /^weir_discovery_refused_total /,
  },
  history_points: {
    to: 1000,
    async meet(gateway) {
      await write(gateway, counters(1_500, (i) => `m:1|c|#row:${i}`));
      const query = encodeURIComponent(of({ metric: 'm', by: ['row'], stats: ['count'], window: '10s' }));
      await until('a refusal', async () => {
        const now = Date.now();
        return (await gateway.get(`/api/v1/query_range?q=${query}&start=${now - 60_000}&end=${now}`)).status === 400;
      });
    },
    counts: /^weir_past_refused_total /,
  },
  streams: {
    to: 1,
    meet: (gateway) => says(gateway, sub(1), sub(2)),
    counts: /^weir_subscriptions_refused_total\{code="limit\.streams"\}/,
  },
  streams_per_identity: {
    to: 1,
    set: [READER],
    meet: (gateway) => says(gateway, hello(TOKEN), sub(1), sub(2)),
    counts: /^weir_subscriptions_refused_total\{code="limit\.streams"\}/,
  },
  subs: {
    to: 1,
    meet: (gateway) => says(gateway, sub(1), sub(2)),
    counts: /^weir_commands_refused_total\{code="limit\.subs"\}/,
  },
  connections: {
    to: 4,
    async meet(gateway) {
      const sockets = held(gateway, 12);
      await Promise.any(sockets.map((socket) => once(socket, 'data')));
      for (const socket of sockets) socket.destroy();
    },
    counts: /^weir_connections_refused_total\{reason="full"\}/,
  },
  connections_per_address: {
    to: 1,
    set: [PROXY, 'http.proxy_protocol=required'],
    head: proxied('192.0.2.9'),
    meet: (gateway) => held(gateway, 5, proxied('192.0.2.1')), // who says itself which address it is has been accepted
    counts: /^weir_connections_closed_total\{reason="address_limit"\}/,
  },
  connections_per_identity: {
    to: 1,
    set: [READER],
    meet: (gateway) => times(3, () => says(gateway, hello(TOKEN))),
    counts: /^weir_identity_refused_total\{limit="connections_per_identity"\}/,
  },
  subs_per_identity: {
    to: 1,
    set: [READER],
    meet: (gateway) => times(2, (id) => says(gateway, hello(TOKEN), sub(id + 1))),
    counts: /^weir_identity_refused_total\{limit="subs_per_identity"\}/,
  },
  questions_per_second: {
    to: 1,
    set: [PROXY],
    meet: (gateway) => times(15, () => gateway.get('/api/v1/metrics', from())),
    counts: /^weir_identity_refused_total\{limit="questions_per_second"\}/,
  },
  token_failures_per_minute: {
    to: 1,
    set: [PROXY, READER],
    meet: (gateway) => times(5, (i) => gateway.get('/api/v1/metrics', from({ Authorization: `Bearer wrong${i}` }))),
    counts: /^weir_identity_refused_total\{limit="token_failures_per_minute"\}/,
  },
  body: {
    to: '1KiB',
    meet: (gateway) => write(gateway, 'm:1|c\n'.repeat(500)),
    counts: /^weir_http_answers_total\{status="413"\}/,
  },
  bodies: {
    to: '1MiB',
    set: ['limits.body=200KiB', 'workers=1'],
    meet(gateway) {
      const head = `POST /api/v1/write HTTP/1.1\r\nHost: ${gateway.http}\r\nContent-Length: 200000\r\n\r\n`;
      held(gateway, 8, head + 'm:1|c\n'.repeat(30_000));
    },
    counts: /^weir_http_writes_refused_total\{reason="/,
  },
  message: {
    to: '1KiB',
    meet: (gateway) => says(gateway, { t: 'ping', n: 1, pad: 'x'.repeat(2_000) }),
    counts: /^weir_connections_closed_total\{reason="/,
  },
  fragments: {
    to: 2,
    async meet(gateway) {
      const { socket } = await says(gateway);
      for (let i = 0; i < 5; i += 1) socket.send('x', { fin: false });
    },
    counts: /^weir_connections_closed_total\{reason="/,
  },
  commands_per_second: {
    to: 1,
    meet: (gateway) => says(gateway, hello(), ...Array.from({ length: 40 }, (_, n) => ({ t: 'ping', n }))),
    counts: /^weir_commands_deferred_total /,
  },
  output_per_second: {
    to: '16KiB',
    set: [MANY],
    meet: (gateway) => says(gateway, sub(1, { metric: 'm', by: ['row'] })),
    again: (gateway) => write(gateway, counters(2_000, (i) => `m:1|c|#row:a-row-of-a-long-name-${i}`)),
    counts: /^weir_output_held_total /,
  },
  handshakes_per_second: {
    to: 1,
    meet: (gateway) => held(gateway, 5),
    counts: /^weir_accepts_deferred_total /,
  },
  requests_per_connection: {
    to: 2,
    async meet(gateway) {
      const request = `GET /healthz HTTP/1.1\r\nHost: ${gateway.http}\r\n\r\n`;
      const [socket] = held(gateway, 1, request.repeat(4));
      await once(socket, 'close');
    },
    counts: /^weir_connections_closed_total\{reason="/,
  },
  page: {
    to: '1KiB',
    pages: folder,
    meet: (gateway) => gateway.get('/pages/large.html'),
    counts: /^weir_http_answers_total\{status="413"\}/,
  },
  exposed_series: {
    to: 1,
    meet: (gateway) => write(gateway, 'm:1|c\nn:1|c\n'),
    counts: /^weir_exposition_left_out\{reason="/,
  },
};

/** An answer over a connection of its own. */
async function asked(gateway, path, head = '') {
  const request = `GET ${path} HTTP/1.1\r\nHost: ${gateway.http}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
  return raw(gateway.http, head + request);
}

/** The counters of /metrics that it names, summed. */
async function counted(gateway, { counts, head }) {
  const page = await asked(gateway, '/metrics', head);
  return page
    .split(/\r?\n/)
    .filter((line) => counts.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('every limit of the configuration is here', () => {
  const [, block] = /^limits:\n((?: .*\n)*)/m.exec(readFileSync(`${ROOT}/deploy/weir.yaml`, 'utf8'));
  const named = [...block.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
  assert.ok(named.length > 30, named);
  assert.deepEqual(Object.keys(LIMITS).sort(), named.sort());
});

for (const [name, entry] of Object.entries(LIMITS)) {
  test(`limits.${name} holds, and what meets it is counted`, limit, async () => {
    const { to, set = [], pages, meet, again } = entry;
    const gateway = await startGateway({ set: [...set, `limits.${name}=${to}`], pages, feeds: '[{listen: "udp://127.0.0.1:0"}]' });
    const before = await counted(gateway, entry);
    await meet?.(gateway);
    await until(
      () => `${entry.counts} on /metrics`,
      async () => {
        await again?.(gateway);
        return (await counted(gateway, entry)) > before;
      },
      { within: 60_000, every: 200 },
    );
    assert.match(await asked(gateway, '/healthz', entry.head), /^HTTP\/1\.1 200 /);
    assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  });
}
