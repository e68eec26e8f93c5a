// Clients as they are published, every transport, and a flood, against the real program: what they say that they sent
// is what the ledgers say, to the last datagram, line and sample.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, ROOT, start, startGateway, subscriber, until } from './gateway.mjs';

const StatsD = createRequire(`${ROOT}/dashboard/package.json`)('hot-shots');
const limit = { timeout: 120_000 };
const folder = mkdtempSync(path.join(tmpdir(), 'weir-feeds-'));
const unix = (name) => path.join(folder, name);
const FEEDS = `[{listen: "udp://127.0.0.1:0"}, {listen: "tcp://127.0.0.1:0"},
  {listen: "unixgram:${unix('gram.sock')}", mode: "0620"}, {listen: "unix:${unix('stream.sock')}"},
  {listen: "tcp://127.0.0.1:0", format: graphite}]`;
let gateway;
before(async () => {
  gateway = await startGateway({ feeds: FEEDS });
});
after(async () => {
  await gateway?.stop();
  endChildren();
  rmSync(folder, { recursive: true });
});

const port = (what) => Number(gateway.address(what).split(':')[1]);

/** All of a family of /metrics, of one feed: {result: value}, by the second label. */
async function family(name, feed) {
  const page = await (await gateway.get('/metrics')).text();
  const line = new RegExp(`^${name}\\{feed="${feed}",\\w+="(\\w+)"\\} (\\S+)$`, 'gm');
  return Object.fromEntries([...page.matchAll(line)].map(([, label, value]) => [label, Number(value)]));
}
const sum = (values) => Object.values(values).reduce((all, value) => all + value, 0);
const lines = (feed) => family('weir_ingest_lines_total', feed);

/** Waits until a window of the last minute says exactly this. */
async function shows(metric, stats) {
  const wanted = Object.entries(stats);
  const peer = await subscriber(gateway.ws, [
    { t: 'sub', id: 1, q: { metric, window: '60s', slide: '1s', stats: Object.keys(stats) }, rate: '250ms' },
  ]);
  const subd = await peer.next('subd', (m) => m.t === 'subd');
  let last;
  const fits = (m) => {
    if (!m.c?.[0]?.length) return false;
    last = m.c;
    return wanted.every(([stat, value]) => m.c[subd.fields.indexOf(stat)].at(-1) === value);
  };
  await until(() => `${metric} of ${JSON.stringify(stats)}, it was ${JSON.stringify(last)}`, () => peer.messages.find(fits));
  peer.close();
}

/** Waits until a feed has taken this many lines, and none was lost or refused. */
async function accepts(feed, count, before = {}) {
  let now;
  const taken = async () => {
    now = await lines(feed);
    return now.accepted - (before.accepted ?? 0) >= count;
  };
  await until(() => `${count} lines of ${feed}, there are ${JSON.stringify(now)}`, taken);
  assert.equal(sum(now) - sum(before), count, JSON.stringify(now));
}

test("npm's hot-shots over UDP and TCP is counted to the last line", limit, async () => {
  for (const protocol of ['udp', 'tcp']) {
    const feed = `${protocol}/statsd`;
    const client = new StatsD({ host: '127.0.0.1', port: port(feed), protocol, prefix: `hot.${protocol}.`, errorHandler: assert.fail });
    const before = await lines(feed);
    for (let i = 1; i <= 100; ++i) {
      // Over TCP it writes one byte for each character: ö is no UTF-8 then.
      client.increment('hits', 2, { route: '/pay', name: protocol === 'udp' ? 'Größe' : 'size' });
      client.timing('latency', i);
    }
    client.gauge('depth', 7);
    client.gauge('depth', -3);
    client.set('users', 'ann');
    client.distribution('size', 12.5, ['a:b']);
    await new Promise((closed, failed) => client.close((fault) => (fault ? failed(fault) : closed())));
    await accepts(feed, 204, before);
    await shows(`hot.${protocol}.hits`, { sum: 200, count: 200 });
    await shows(`hot.${protocol}.latency`, { count: 100, sum: 5050, min: 1, max: 100 });
    await shows(`hot.${protocol}.users`, { distinct: 1 });
    await shows(`hot.${protocol}.size`, { max: 12.5 });
  }
});

const PYTHON_STATSD = `
import sys
from statsd import StatsClient, TCPStatsClient, UnixSocketStatsClient
kind, place = sys.argv[1:]
if kind == "udp": client = StatsClient("127.0.0.1", int(place), prefix="py.udp")
if kind == "tcp": client = TCPStatsClient("127.0.0.1", int(place), prefix="py.tcp")
if kind == "unix": client = UnixSocketStatsClient(place, prefix="py.unix")
for i in range(1, 101):
    client.incr("hits", 3)
    client.timing("latency", i)
with client.pipeline() as pipe:
    for i in range(50):
        pipe.incr("piped")
        pipe.gauge("depth", i)
client.set("users", "bob")
if kind != "udp": client.close()
`;

test("Debian's python3-statsd over UDP, TCP and a Unix socket is counted to the last line", limit, async () => {
  for (const [kind, place] of [
    ['udp', port('udp/statsd')],
    ['tcp', port('tcp/statsd')],
    ['unix', unix('stream.sock')],
  ]) {
    const feed = `${kind}/statsd`;
    const before = await lines(feed);
    const client = start('/usr/bin/python3', ['-c', PYTHON_STATSD, kind, String(place)]);
    assert.deepEqual(await client.ended, { code: 0, signal: null }, client.err);
    await accepts(feed, 301, before);
    await shows(`py.${kind}.hits`, { sum: 300 });
    await shows(`py.${kind}.latency`, { count: 100, sum: 5050 });
    await shows(`py.${kind}.piped`, { sum: 50 });
    await shows(`py.${kind}.depth`, { last: 49 });
  }
});

test("Debian's netcat sends lines as datagrams to a Unix socket", limit, async () => {
  assert.equal(statSync(unix('gram.sock')).mode & 0o777, 0o620);
  const netcat = start('/bin/nc.openbsd', ['-u', '-U', '-N', unix('gram.sock')], { stdio: ['pipe', 'pipe', 'pipe'] });
  netcat.child.stdin.write('nc.hits:4|c\nnc.hits:5|c\n');
  await accepts('unixgram/statsd', 2);
  netcat.child.kill('SIGTERM');
  await netcat.ended;
  await shows('nc.hits', { sum: 9 });
});

test("collectd's write_graphite is counted to the last line", limit, async () => {
  const count = 50;
  const config = unix('collectd.conf');
  writeFileSync(
    config,
    `Hostname "here"
FQDNLookup false
Interval 1
BaseDir "${folder}"
PIDFile "${unix('collectd.pid')}"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
LoadPlugin unixsock
LoadPlugin write_graphite
<Plugin unixsock>
  SocketFile "${unix('collectd.sock')}"
</Plugin>
<Plugin write_graphite>
  <Node "weir">
    Host "127.0.0.1"
    Port "${port('tcp/graphite')}"
    Protocol "tcp"
    Prefix "collectd."
    LogSendErrors true
  </Node>
</Plugin>
`,
  );
  const collectd = start('/usr/sbin/collectd', ['-f', '-C', config]);
  const said = () => `collectd's socket: ${collectd.err}${collectd.out}`;
  await until(said, () => existsSync(unix('collectd.sock')));
  const socket = await until(said, () => {
    const tried = net.connect(unix('collectd.sock'));
    return new Promise((done) => tried.once('connect', () => done(tried)).once('error', () => done(null)));
  });
  let answers = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answers += text;
  });
  for (let i = 0; i < count; ++i) socket.write(`PUTVAL "here/e2e/gauge-${i}" interval=1 N:${i * 1.5}\n`);
  await until(() => `collectd's answers: ${answers}`, () => answers.split('0 Success').length > count);
  socket.destroy();
  collectd.child.kill('SIGTERM'); // it sends what it holds
  await collectd.ended;
  await accepts('tcp/graphite', count);
  await shows('collectd.here.e2e.gauge-49', { last: 73.5 });
  await shows('collectd.here.e2e.gauge-7', { last: 10.5 });
});

test('a feed that wants a token takes lines of writers alone, and counts the others', limit, async () => {
  const hash = createHash('sha256').update('s3cret').digest('hex');
  const own = await startGateway({
    feeds: `[{listen: "tcp://127.0.0.1:0", token: required}, {listen: "unix:${unix('token.sock')}", token: required}]`,
    set: [`auth.writers=[{name: ci, hash: "sha256:${hash}"}]`],
  });
  const others = gateway;
  gateway = own;
  for (const [feed, place] of [
    ['tcp/statsd', { host: '127.0.0.1', port: port('tcp/statsd') }],
    ['unix/statsd', { path: unix('token.sock') }],
  ]) {
    for (const first of ['token s3cret\r\n', 'token wrong\n', 's3cret\n', '']) {
      const sender = net.connect(place).on('error', () => {});
      sender.resume().end(`${first}hits:1|c\n`);
      await new Promise((closed) => sender.once('close', closed));
    }
    await accepts(feed, 1);
    const denied = () => own.metric(`weir_ingest_connections_total{feed="${feed}",result="denied"}`);
    await until(`three to be denied by ${feed}`, async () => (await denied()) === 3);
    assert.equal(await own.metric(`weir_ingest_connections_open{feed="${feed}"}`), 0);
  }
  await own.stop();
  gateway = others;
});

/** Lines that each text format refuses, for as many reasons as fit. */
const BAD = {
  statsd: ['BAD', ':1|c', 'a|c', 'a:|c', 'a:0x10|c', 'a:nan|g', 'a:1|q', 'a:1|c|@0', 'a:1|c|#:v', 'a\u0000:1|c', '_e{x}:'],
  influx: ['m', 'm =1', 'm f=', 'm,t= f=1', 'm f=1 x', 'm f=1 1700000000 x', 'm f=9223372036854775808i'],
  graphite: ['a', 'a 1', 'a x 1700000000', 'a;=v 1 1700000000', 'a nan 1700000000', 'a 1 1700000000 x'],
  json: ['{"name":', '{"value":1}', '{"name":5}', '{"name":"a","kind":"q","value":1}', '[]', 'BAD'],
};

test('no bad line of any format writes a line of the log, over UDP, TCP or HTTP', limit, async () => {
  const formats = Object.keys(BAD);
  const feeds = formats.flatMap((format) => ['udp', 'tcp'].map((kind) => `{listen: "${kind}://127.0.0.1:0", format: ${format}}`));
  const own = await startGateway({ feeds: `[${feeds.join(', ')}]`, set: ['log.level=debug'] });
  const others = gateway;
  gateway = own;
  const rounds = 400;
  const before = own.log;
  for (const format of formats) {
    const block = `${BAD[format].join('\n')}\n`;
    const count = rounds * BAD[format].length;
    const udp = dgram.createSocket('udp4');
    for (let i = 0; i < rounds; ++i) {
      await new Promise((sent, failed) =>
        udp.send(block, port(`udp/${format}`), '127.0.0.1', (fault) => (fault ? failed(fault) : sent())));
    }
    udp.close();
    const tcp = net.connect({ host: '127.0.0.1', port: port(`tcp/${format}`) });
    tcp.resume().end(block.repeat(rounds));
    await new Promise((closed, failed) => tcp.once('close', closed).once('error', failed));
    const answer = await own.get(`/api/v1/write?format=${format}`, { method: 'POST', body: block.repeat(rounds) });
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).rejected, count);
    const datagrams = await until(`${rounds} datagrams of ${format}`, async () => {
      const now = await family('weir_ingest_datagrams_total', `udp/${format}`);
      return sum(now) === rounds && now;
    });
    const heard = { udp: datagrams.received * BAD[format].length, tcp: count, http: count };
    for (const [kind, all] of Object.entries(heard)) {
      const rejected = async () => (await lines(`${kind}/${format}`)).rejected === all;
      await until(`${kind}/${format} to refuse ${all} lines`, rejected);
    }
  }
  assert.equal((await own.stop()).code, 0);
  assert.match(own.log.slice(before.length), /^level=info event=draining .*\nlevel=info event=stopped\n$/);
  gateway = others;
});

// ---- floods ----

const FLOOD = `
import socket, sys
kind, place, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
text = b"flood.hits:1|c\\nBAD\\nflood.latency:1:2|ms|#route:/pay"
if kind == "udp":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", int(place)))
elif kind == "tcp":
    s = socket.create_connection(("127.0.0.1", int(place)))
else:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "unixgram" else socket.SOCK_STREAM)
    s.connect(place)
if kind in ("tcp", "unix"):
    block = (text + b"\\n") * 100
    for _ in range(count // 100): s.sendall(block)
else:
    for _ in range(count): assert s.send(text) == len(text)
s.close()
print("sent", count)
`;
const flood = (kind, place, count) => start('/usr/bin/python3', ['-c', FLOOD, kind, String(place), String(count)]);

/** Reads /metrics until the senders have ended: of each text the three lines are there or none, whenever it is read. */
async function readMeanwhile(feed, senders, texts) {
  let ended = false;
  const all = Promise.all(senders.map((sender) => sender.ended)).then((ends) => {
    ended = true;
    return ends;
  });
  let looks = 0;
  while (!ended) {
    const page = await (await gateway.get('/metrics')).text();
    const value = (series) => Number(page.split(`\n${series} `)[1].split('\n', 1)[0]);
    const line = (result) => value(`weir_ingest_lines_total{feed="${feed}",result="${result}"}`);
    assert.equal(line('accepted'), 2 * line('rejected'));
    if (texts) assert.equal(line('rejected'), value(`weir_ingest_datagrams_total{feed="${feed}",result="received"}`));
    ++looks;
  }
  for (const end of await all) assert.deepEqual(end, { code: 0, signal: null });
  assert.ok(looks > 0);
}

/** Of what workers handed over, the hub lost nothing on the way to the panes. */
async function lostByNone(where) {
  assert.equal(await where.metric('weir_hub_partials_unknown_total'), 0);
}

test('a UDP flood that the machine cannot take sums to 100%', limit, async () => {
  const own = await startGateway({ feeds: '[{listen: "udp://127.0.0.1:0"}]', set: ['workers=1'] });
  const others = gateway;
  gateway = own;
  const count = 60_000;
  // While it stands still the kernel fills its buffer and drops the rest.
  own.child.kill('SIGSTOP');
  const first = flood('udp', port('udp/statsd'), count);
  assert.deepEqual(await first.ended, { code: 0, signal: null }, first.err);
  own.child.kill('SIGCONT');
  await readMeanwhile('udp/statsd', [1, 2].map(() => flood('udp', port('udp/statsd'), count)), 'texts');
  let datagrams;
  await until(
    () => `${3 * count} datagrams, there are ${JSON.stringify(datagrams)}`,
    async () => {
      datagrams = await family('weir_ingest_datagrams_total', 'udp/statsd');
      return sum(datagrams) >= 3 * count;
    },
  );
  assert.equal(datagrams.received + datagrams.kernel_dropped, 3 * count);
  assert.ok(datagrams.kernel_dropped > 0, JSON.stringify(datagrams));
  assert.equal(await own.metric('weir_ingest_drops_lower_bound{feed="udp/statsd"}'), 0);
  const read = await lines('udp/statsd');
  assert.equal(read.accepted, 2 * datagrams.received);
  assert.equal(read.rejected, datagrams.received);
  assert.equal(sum(read), 3 * datagrams.received);
  const samples = await family('weir_ingest_samples_total', 'udp/statsd');
  assert.equal(sum(samples), 3 * datagrams.received);
  assert.equal(samples.own, sum(samples));
  await lostByNone(own);
  await own.stop();
  gateway = others;
});

test('floods over TCP and Unix sockets lose nothing', limit, async () => {
  const count = 40_000;
  for (const [feed, kind, place] of [
    ['tcp/statsd', 'tcp', port('tcp/statsd')],
    ['unix/statsd', 'unix', unix('stream.sock')],
    ['unixgram/statsd', 'unixgram', unix('gram.sock')],
  ]) {
    const before = await lines(feed);
    const samplesBefore = await family('weir_ingest_samples_total', feed);
    const senders = [1, 2].map(() => flood(kind, place, count));
    for (const sender of senders) assert.deepEqual(await sender.ended, { code: 0, signal: null }, sender.err);
    let now;
    await until(
      () => `${feed} to take all, it has ${JSON.stringify(now)}`,
      async () => {
        now = await lines(feed);
        return sum(now) - sum(before) >= 6 * count;
      },
    );
    assert.equal(sum(now) - sum(before), 6 * count);
    assert.equal(now.accepted - before.accepted, 4 * count);
    assert.equal(now.rejected - before.rejected, 2 * count);
    const samples = await family('weir_ingest_samples_total', feed);
    assert.equal(samples.own - samplesBefore.own, 6 * count);
  }
  await lostByNone(gateway);
  const again = await lines('tcp/statsd');
  assert.equal(again.tcp_tail, 0);
});

test('a UDP port of another process is not shared, even where both would share it', limit, async () => {
  const set = ['workers=2'];
  const first = await startGateway({ feeds: '[{listen: "udp://127.0.0.1:0"}]', set });
  const taken = first.address('udp/statsd');
  for (const workers of [1, 3]) {
    const feeds = `feeds=[{listen: "udp://${taken}"}]`;
    const args = ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', feeds, '--set', `workers=${workers}`];
    const second = start(first.child.spawnfile, args);
    assert.equal((await second.ended).code, 1);
    assert.ok(second.err.includes(`${taken}: address already in use; stop the other program`), second.err);
  }
  assert.equal((await first.stop()).code, 0);
});

test('a Unix socket outlives a crash, is refused while it is alive, and goes at the end', limit, async () => {
  const feeds = `[{listen: "unixgram:${unix('own.sock')}"}]`;
  const first = await startGateway({ feeds });
  const second = start(first.child.spawnfile, ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', `feeds=${feeds}`]);
  assert.equal((await second.ended).code, 1);
  assert.match(second.err, /own\.sock: address already in use; stop the other program or choose another path/);
  await first.stop('SIGKILL');
  assert.ok(existsSync(unix('own.sock')));
  const third = await startGateway({ feeds });
  await third.stop();
  assert.ok(!existsSync(unix('own.sock')));
});
