// weir send, record, replay and bench ingest, as whoever tries a server out meets them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { endChildren, ENVIRONMENT, freePort, PROGRAM, ROOT, start, startGateway, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
const FORMATS = ['statsd', 'influx', 'graphite', 'json'];
const folder = mkdtempSync(`${tmpdir()}/weir-tools-`);
after(() => {
  endChildren();
  rmSync(folder, { recursive: true });
});

const weir = (args, options = {}) =>
  spawnSync(PROGRAM, args, { cwd: ROOT, env: ENVIRONMENT, encoding: 'utf8', timeout: 60_000, ...options });
/** A command that must work without a word. */
const silent = (args, options) => {
  const ran = weir(args, options);
  assert.deepEqual([ran.status, ran.stdout, ran.stderr], [0, '', ''], args.join(' '));
};

/** One feed of each format and way; unix paths are told by their addresses. */
const everyFeed = (name) =>
  `[${FORMATS.flatMap((format) =>
    ['udp://127.0.0.1:0', 'tcp://127.0.0.1:0', `unixgram:${folder}/${name}-${format}-d`, `unix:${folder}/${name}-${format}-s`].map(
      (listen) => `{listen: "${listen}", format: ${format}}`,
    ),
  ).join(',')}]`;
const addressOf = (gateway, way, format) => {
  if (way === 'http') return gateway.url;
  const address = gateway.address(`${way}/${format}`);
  return way.startsWith('unix') ? address : `${way}://${address}`;
};

/** Every number of a server's ledgers, of one feed. */
async function ledgers(gateway, feed) {
  const page = await (await gateway.get('/metrics')).text();
  const lines = page.split('\n').filter((line) => line.includes(`{feed="${feed}"`) && /_(lines|rejected|samples|datagrams)_total/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}
const partsOf = (numbers, name) =>
  Object.fromEntries(
    Object.entries(numbers)
      .filter(([key]) => key.startsWith(name))
      .map(([key, value]) => [key.replace(/feed="[^"]*",/, ''), value]),
  );

/** weir record on a free port, running; `stop` ends it and gives what it said. */
async function startRecord(file, listen, more = []) {
  const recorder = start(PROGRAM, ['record', file, '--listen', listen, ...more]);
  await until('the recorder', () => recorder.out.includes('recording to'));
  return {
    address: /address=(.*)/.exec(recorder.out)[1],
    program: recorder,
    async stop() {
      recorder.child.kill('SIGINT');
      assert.equal((await recorder.ended).code, 0, recorder.err);
      return recorder;
    },
  };
}

async function sendDatagrams(address, datagrams) {
  const [host, port] = address.split(':');
  const socket = dgram.createSocket('udp4');
  for (const datagram of datagrams)
    await new Promise((sent, failed) => socket.send(datagram, Number(port), host, (fault) => (fault ? failed(fault) : sent())));
  socket.close();
}

test('weir send of each format over each transport gives exact values', limit, async () => {
  const gateway = await startGateway({ feeds: everyFeed('send') });
  const tail = start(PROGRAM, ['tail', 'sent.**', '--stats', 'sum,last', '--window', '1min', '--url', gateway.http]);
  await until('the link', () => tail.err.includes('no series'));
  const kinds = { statsd: 'sum', json: 'sum', influx: 'last', graphite: 'last' };
  const wanted = [];
  for (const format of FORMATS) {
    for (const way of ['udp', 'tcp', 'unixgram', 'unix', 'http']) {
      const name = `sent.${way}.${format}`;
      silent(['send', name, '20.25', '5', '--tag', 'k=v', '--format', format, '--to', addressOf(gateway, way, format)]);
      wanted.push({ metric: name, stat: kinds[format], value: kinds[format] === 'sum' ? 25.25 : 5 });
    }
  }
  for (const { metric, stat, value } of wanted) {
    await until(`${metric} ${stat} ${value}: ${tail.out}`, () =>
      tail.out.split('\n').some((text) => {
        if (!text.startsWith('{') || !text.endsWith('}')) return false;
        const row = JSON.parse(text);
        return (row.metric === metric || row.tags?.['@metric'] === metric) && row.stats[stat] === value;
      }),
    );
  }
  await gateway.stop();
});

test('weir send sends the lines of a pipe as they are', limit, async () => {
  const gateway = await startGateway();
  const to = `udp://${gateway.address('udp/statsd')}`;
  const lines = Array.from({ length: 1000 }, (_, i) => `piped.n${i % 7}:${i}|c`);
  silent(['send', '--to', to], { input: `${lines.join('\n')}\nlast:1|c` });
  silent(['send', '--stdin', '--to', `tcp://${gateway.address('tcp/statsd')}`], { input: 'one:1|c' });
  await until('all lines', async () => (await gateway.metric('weir_ingest_lines_total{feed="udp/statsd",result="accepted"}')) === 1001);
  await until('the line', async () => (await gateway.metric('weir_ingest_lines_total{feed="tcp/statsd",result="accepted"}')) === 1);
  await gateway.stop();
});

test('weir send names what is wrong: status 2 what cannot be said, 1 who does not answer', limit, async () => {
  const port = await freePort();
  const cases = [
    [['send', 'a', '1', '--tag', 'k=x|y'], 2, /the value of tag k "x\|y" cannot be written in StatsD/],
    [['send', 'u', 'x', '--type', 'set', '--format', 'graphite'], 2, /Graphite knows gauges alone, not a set/],
    [['send', 'g', '-5', '--type', 'gauge'], 2, /a gauge with a sign changes by so much/],
    [['send', 'a'], 2, /which value\? Try: weir send a 1/],
    [['send', 'a', 'b'], 2, /"b" is no number/],
    [['send', 'a', '1', '--format', 'stats'], 2, /allowed is statsd, influx, graphite or json/],
    [['send', 'a', '1', '--to', 'ftp://x'], 2, /allowed is udp:\/\//],
    [['send', 'a', '1', '--to', `udp://127.0.0.1:${port}`], 1, /nobody listens on udp:/],
    [['send', 'a', '1', '--to', `tcp://127.0.0.1:${port}`], 1, /nobody listens on tcp:/],
    [['send', 'a', '1', '--to', `http://127.0.0.1:${port}`], 1, /nobody listens on http:/],
    [['send', 'a', '1', '--to', `unixgram:${folder}/none`], 1, /nobody listens on unixgram:/],
    [['send', 'a', '1', '--to', `unix:${folder}/none`], 1, /nobody listens on unix:/],
    [['record', `${folder}/x`, '--for', '5'], 2, /--for/],
    [['record'], 2, /which file/],
    [['replay'], 2, /which file/],
    [['replay', `${folder}/none`], 1, /no such file/],
    [['replay', 'README.md'], 1, /is no recording; for a file of lines say its --format/],
    [['replay', 'README.md', '--rate', '5/s'], 2, /whose --format must be said/],
    [['replay', 'README.md', '--speed', '0'], 2, /--speed "0"/],
    [['bench', 'ingest', '--transport', 'smoke'], 2, /allowed is udp, udp-gso, tcp, unixgram, unix or http/],
    [['bench', 'ingest', '--kind', 'set', '--format', 'influx'], 1, /knows gauges alone/],
  ];
  for (const [args, status, words] of cases) {
    const ran = weir(args, { input: '' });
    assert.equal(ran.status, status, `${args.join(' ')}: ${ran.stderr}`);
    assert.match(ran.stderr, words);
    assert.equal(ran.stdout, '');
    assert.ok(status === 1 || ran.stderr.includes('--help'), ran.stderr);
  }
});

test('what was recorded over UDP is replayed byte for byte, datagram for datagram, in order', limit, async () => {
  const file = `${folder}/udp.weir`;
  const datagrams = Array.from({ length: 200 }, (_, i) =>
    Buffer.concat([Buffer.from(`n${i}:${i}|c\n`), Buffer.from(Array.from({ length: (i * 37) % 1400 }, (__, j) => (i * j) % 256))]),
  );
  datagrams.push(Buffer.from(''), Buffer.from('last:1|c'));
  const recorder = await startRecord(file, 'udp://127.0.0.1:0');
  await sendDatagrams(recorder.address, datagrams);
  const { out } = await recorder.stop();
  assert.match(out, new RegExp(`recorded ${datagrams.length} datagrams`));

  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(4 << 20);
  const seen = [];
  socket.on('message', (message) => seen.push(message));
  const played = start(PROGRAM, ['replay', file, '--speed', '10', '--loop', '2', '--to', `udp://127.0.0.1:${socket.address().port}`]);
  assert.equal((await played.ended).code, 0, played.err);
  await until('all datagrams', () => seen.length >= 2 * datagrams.length);
  assert.deepEqual(seen, [...datagrams, ...datagrams]);
  socket.close();
});

test('what was recorded over TCP is replayed byte for byte, a connection for each', limit, async () => {
  const file = `${folder}/tcp.weir`;
  const recorder = await startRecord(file, 'tcp://127.0.0.1:0', ['--format', 'graphite']);
  const port = Number(recorder.address.split(':')[1]);
  const streams = [`${'a.b 1 -1\n'.repeat(5000)}a.tail 1`, `${'x'.repeat(100_000)}\nb 2 -1\n`, 'c 3 -1\n'];
  for (const text of streams) {
    const socket = net.connect(port, '127.0.0.1');
    socket.end(text);
    socket.resume();
    await once(socket, 'close');
  }
  await recorder.stop();

  const seen = [];
  const server = net.createServer((socket) => {
    const index = seen.push('') - 1;
    socket.setEncoding('latin1').on('data', (text) => {
      seen[index] += text;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const played = start(PROGRAM, ['replay', file, '--speed', 'max', '--to', `tcp://127.0.0.1:${server.address().port}`]);
  assert.equal((await played.ended).code, 0, played.err);
  assert.equal(seen.length, streams.length);
  assert.deepEqual([...seen].sort(), [...streams].sort());
  server.close();
});

test('a replay gives the totals of the live feed, in each format, and from within the server too', limit, async () => {
  const texts = {
    statsd: ['a:1|c\nb:2|ms|#k:v\n', 'bad\nc:1|q', 'g:+4|g\nu:x|s\n\n', '_sc|a|0', 'a:1|c|@0.1'],
    influx: ['m,t=a f=1,g=2i', 'm s="x\ny",f=3\n# no\n', 'm f=\n', '\n\n'],
    graphite: ['a.b;k=v 1.5 -1\na.b 2 -1\n', 'a 1', 'a nan -1\n'],
    json: ['{"name":"x","value":1}', '{', '{"name":"u","values":[1,2]}\n{"value":1}'],
  };
  for (const format of FORMATS) {
    const file = `${folder}/live-${format}.weir`;
    const feeds = `[{listen: "udp://127.0.0.1:0", format: ${format}}]`;
    const live = await startGateway({ feeds });
    const recorder = await startRecord(file, 'udp://127.0.0.1:0', ['--format', format, '--forward', `udp://${live.address(`udp/${format}`)}`]);
    await sendDatagrams(recorder.address, texts[format]);
    const feed = `udp/${format}`;
    const received = `weir_ingest_datagrams_total{feed="${feed}",result="received"}`;
    await until('the live datagrams', async () => (await live.metric(received)) === texts[format].length);
    await recorder.stop();
    const wanted = await ledgers(live, feed);
    assert.ok(wanted[`weir_ingest_lines_total{feed="${feed}",result="accepted"}`] > 0);
    await live.stop();

    const again = await startGateway({ feeds });
    const played = weir(['replay', file, '--to', `udp://${again.address(feed)}`]);
    assert.equal(played.status, 0, played.stderr);
    await until('the datagrams again', async () => (await again.metric(received)) === texts[format].length);
    assert.deepEqual(await ledgers(again, feed), wanted);
    await again.stop();

    const within = await startGateway({ feeds: `[{replay: {path: "${file}", speed: max}}]` });
    await until('the end of the replay', () => within.log.includes('event=replay_ended'));
    const replayed = await until('its ledgers', async () => {
      const numbers = await ledgers(within, `replay/${format}`);
      return Object.keys(numbers).length > 0 && numbers;
    });
    for (const name of ['weir_ingest_lines_total', 'weir_ingest_rejected_total', 'weir_ingest_samples_total'])
      assert.deepEqual(partsOf(replayed, name), partsOf(wanted, name), `${format} ${name}`);
    await within.stop();
  }
});

test('a file of lines is replayed at a rate, and over TCP none is lost', limit, async () => {
  const gateway = await startGateway();
  const file = `${folder}/lines.txt`;
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => `l:${i}|c`).join('\n'));
  const to = `tcp://${gateway.address('tcp/statsd')}`;
  const fast = weir(['replay', file, '--format', 'statsd', '--to', to]);
  assert.equal(fast.status, 0, fast.stderr);
  const accepted = 'weir_ingest_lines_total{feed="tcp/statsd",result="accepted"}';
  await until('all lines', async () => (await gateway.metric(accepted)) === 20_000);
  const paced = weir(['replay', file, '--format', 'statsd', '--rate', '100000/s', '--to', to]);
  assert.equal(paced.status, 0, paced.stderr);
  await until('all lines again', async () => (await gateway.metric(accepted)) === 40_000);
  await gateway.stop();
});

test('a cut recording is played up to its last whole record, a damaged one is an error', limit, async () => {
  const gateway = await startGateway();
  const file = `${folder}/cut.weir`;
  const recorder = await startRecord(file, 'udp://127.0.0.1:0');
  await sendDatagrams(recorder.address, ['a:1|c', 'a:2|c', 'a:3|c']);
  await recorder.stop();
  const to = ['--to', `udp://${gateway.address('udp/statsd')}`];
  const bytes = readFileSync(file);
  const third = bytes.indexOf('a:3|c');
  truncateSync(file, third + 2);
  assert.ok(statSync(file).size < bytes.length);
  const cut = weir(['replay', file, ...to]);
  assert.equal(cut.status, 0);
  assert.match(cut.stdout, /^played 2 datagrams, 10 bytes to udp:/);
  assert.match(cut.stderr, /was cut off at byte \d+; the 2 records before that are whole/);
  bytes[third] ^= 1;
  writeFileSync(file, bytes);
  const damaged = weir(['replay', file, ...to]);
  assert.equal(damaged.status, 1);
  assert.match(damaged.stdout, /^played 2 datagrams/);
  assert.match(damaged.stderr, /is damaged at byte/);
  await until('both', async () => (await gateway.metric('weir_ingest_lines_total{feed="udp/statsd",result="accepted"}')) === 4);
  await gateway.stop();
});

test('a recorder that is killed leaves what came up to a second before', limit, async () => {
  const file = `${folder}/killed.weir`;
  const recorder = await startRecord(file, 'udp://127.0.0.1:0');
  const before = statSync(file).size;
  await sendDatagrams(recorder.address, ['a:1|c', 'a:2|c']);
  await until('the file to grow', () => statSync(file).size >= before + 2 * (24 + 5), { within: 5_000 });
  recorder.program.child.kill('SIGKILL');
  await recorder.program.ended;
  const gateway = await startGateway();
  const played = weir(['replay', file, '--to', `udp://${gateway.address('udp/statsd')}`]);
  assert.equal(played.status, 0);
  assert.match(played.stdout, /^played 2 datagrams, 10 bytes/);
  assert.match(played.stderr, /was cut off at byte/);
  await gateway.stop();
});

test('weir send and replay show a token to a server that wants one, over HTTP and streams', limit, async () => {
  const token = 's3cret-of-the-test';
  const hash = createHash('sha256').update(token).digest('hex');
  const gateway = await startGateway({
    feeds: `[{listen: "tcp://127.0.0.1:0", token: required, idle_timeout: 1s}, {listen: "unix:${folder}/token.sock", token: required}]`,
    set: [`auth.writers=[{name: test, hash: "sha256:${hash}"}]`],
  });
  const tcp = `tcp://${gateway.address('tcp/statsd')}`;
  const unix = `unix:${folder}/token.sock`;
  const named = `${folder}/token`;
  writeFileSync(named, `${token}\n`, { mode: 0o600 });
  const accepted = (feed) => gateway.metric(`weir_ingest_lines_total{feed="${feed}",result="accepted"}`);
  for (const [to, feed] of [[tcp, 'tcp/statsd'], [unix, 'unix/statsd'], [gateway.url, 'http/statsd']]) {
    const without = weir(['send', 'a', '1', '--to', to]);
    if (feed === 'http/statsd') assert.equal(without.status, 1, to);
    const wrong = weir(['send', 'a', '1', '--to', to], { env: { ...ENVIRONMENT, WEIR_TOKEN: 'wrong' } });
    assert.equal(wrong.status, 1, to);
    assert.ok(!wrong.stderr.includes('wrong'), wrong.stderr);
    silent(['send', 'a', '1', '--to', to, '--token-file', named]);
    silent(['send', 'a', '1', '--to', to], { env: { ...ENVIRONMENT, WEIR_TOKEN: token } });
    const lines = `${folder}/token.txt`;
    writeFileSync(lines, 'a:1|c\n');
    const played = weir(['replay', lines, '--format', 'statsd', '--to', to, '--token-file', named]);
    assert.equal(played.status, 0, played.stderr);
    await until(`three lines over ${to}`, async () => (await accepted(feed)) === 3);
  }
  assert.equal(weir(['send', 'a', '1', '--token-file', named]).status, 2);
  const pipe = start(PROGRAM, ['send', '--stdin', '--to', tcp, '--token-file', named], { stdio: ['pipe', 'pipe', 'pipe'] });
  pipe.child.stdin.write('b:1|c\n');
  await until('the first line', async () => (await accepted('tcp/statsd')) === 4);
  await until('idle_timeout', async () => (await gateway.metric('weir_ingest_connections_open{feed="tcp/statsd"}')) === 0);
  pipe.child.stdin.end('b:2|c\n');
  assert.equal((await pipe.ended).code, 0, pipe.err);
  await until('the line after it', async () => (await accepted('tcp/statsd')) === 5);
  await gateway.stop();
});

test('a recording ends at --max-bytes and after --for, and overwrites nothing', limit, async () => {
  const file = `${folder}/full.weir`;
  const recorder = await startRecord(file, 'udp://127.0.0.1:0', ['--max-bytes', '8KiB']);
  await sendDatagrams(recorder.address, Array.from({ length: 100 }, () => 'x'.repeat(1000)));
  assert.equal((await recorder.program.ended).code, 0);
  assert.match(recorder.program.err, /as large as it may be/);
  assert.ok(statSync(file).size <= 8192);
  const again = weir(['record', file, '--listen', 'udp://127.0.0.1:0']);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /exists already/);
  const brief = weir(['record', `${folder}/brief.weir`, '--listen', 'udp://127.0.0.1:0', '--for', '50ms']);
  assert.equal(brief.status, 0);
  assert.match(brief.stdout, /recorded 0 datagrams, 0 bytes/);
});

test('weir bench ingest loads a server of its own, whose ledgers add up', limit, async () => {
  const cases = [
    ['--transport', 'udp'],
    ['--transport', 'udp', '--rate', '20000', '--format', 'json', '--tags', '3'],
    ['--transport', 'tcp', '--format', 'influx'],
    ['--transport', 'unixgram', '--format', 'graphite'],
    ['--transport', 'unix', '--kind', 'set'],
    ['--transport', 'http', '--format', 'influx', '--tags', '2'],
    ['--transport', 'http', '--rate', '20000'],
    ['--transport', 'udp-gso', '--kind', 'counter'],
  ];
  for (const more of cases) {
    const ran = weir(['bench', 'ingest', '--duration', '1s', '--series', '500', '--json', ...more]);
    assert.equal(ran.status, 0, `${more.join(' ')}: ${ran.stderr}${ran.stdout}`);
    const told = JSON.parse(ran.stdout);
    assert.ok(told.sent.lines > 1000 && told.server.lines > 0, ran.stdout);
    assert.equal(told.server.samples, told.server.lines_accepted);
    assert.equal(told.server.lines, told.server.lines_accepted);
    assert.equal(told.server.series, 500);
    if (!told.segmented) assert.equal(told.ledgers_add_up, true, ran.stdout);
    if (!told.transport.startsWith('udp')) assert.equal(told.server.lines, told.sent.lines);
  }
});

test('weir bench ingest finds a rate that loses nothing', limit, async () => {
  const ran = weir(['bench', 'ingest', '--duration', '100ms', '--find-zero-loss', '--json']);
  assert.equal(ran.status, 0, ran.stderr + ran.stdout);
  const told = JSON.parse(ran.stdout);
  assert.ok(told.zero_loss_lines_per_second >= 0);
  assert.ok(told.zero_loss_lines_per_second <= told.sent.lines_per_second * 1.01, ran.stdout);
});
