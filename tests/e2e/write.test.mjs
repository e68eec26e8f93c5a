// Writing over HTTP with other people's programs: the requests of an unchanged Telegraf, the published clients of
// InfluxDB, curl and Python. What each sent is compared with where its lines went.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { endChildren, ROOT, start, startGateway, subscriber, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
const TOKEN = 'a-token-of-the-test';
const HASH = createHash('sha256').update(TOKEN).digest('hex');
const installed = createRequire(`${ROOT}/dashboard/package.json`);
let gateway; // anybody may write
let guarded; // a token is needed
before(async () => {
  gateway = await startGateway();
  guarded = await startGateway({ set: [`auth.writers=[{name: test, hash: "sha256:${HASH}"}]`] });
});
after(async () => {
  await gateway?.stop();
  await guarded?.stop();
  endChildren();
});

/** Lines of a feed that went one way. */
const lines = async (where, feed, result) =>
  (await where.metric(`weir_ingest_lines_total{feed="${feed}",result="${result}"}`)) ?? 0;

/** One request with a body in chunks, as Go's client sends a reader: status, headers, body. */
function ask(where, method, path, headers, body) {
  const [host, port] = where.http.split(':');
  return new Promise((answered, failed) => {
    const request = http.request({ host, port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => answered({ status: response.statusCode, headers: response.headers, body: text }));
    });
    request.on('error', failed);
    if (body) request.write(body);
    request.end();
  });
}

const TELEGRAF = { 'User-Agent': 'Telegraf/1.32.0 Go/1.23.0', 'Accept-Encoding': 'gzip' };
const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' };
/** Now, in nanoseconds. */
const now = () => `${Date.now()}000000`;

test('telegraf writes with outputs.influxdb as it is', limit, async () => {
  const created = await ask(gateway, 'POST', '/query', {
    ...TELEGRAF, 'Content-Type': 'application/x-www-form-urlencoded',
  }, 'q=CREATE+DATABASE+%22telegraf%22');
  assert.equal(created.status, 200);
  assert.deepEqual(JSON.parse(created.body), { results: [{ statement_id: 0 }] });
  const before = await lines(gateway, 'http/influx', 'accepted');
  const batch = Array.from({ length: 1000 }, (_, i) =>
    `cpu,cpu=cpu${i % 8},host=web-17 usage_idle=${90 + (i % 10)},usage_user=1.5 ${now()}\n`).join('');
  const written = await ask(gateway, 'POST', '/write?consistency=any&db=telegraf', {
    ...TELEGRAF, ...PLAIN, 'Content-Encoding': 'gzip',
  }, gzipSync(batch));
  assert.deepEqual([written.status, written.body], [204, '']);
  assert.equal(await until('the lines', async () => (await lines(gateway, 'http/influx', 'accepted')) - before), 1000);
  // What it drops by, and says in its log.
  const partial = await ask(gateway, 'POST', '/write?db=telegraf', { ...TELEGRAF, ...PLAIN },
    `cpu f=1 ${now()}\ncpu f=\n`);
  assert.equal(partial.status, 400);
  assert.match(JSON.parse(partial.body).error, /^partial write: .*line 2: empty_value.*dropped=1$/);
  const nothing = await ask(gateway, 'POST', '/write?db=telegraf', { ...TELEGRAF, ...PLAIN }, 'cpu f=\n');
  assert.match(JSON.parse(nothing.body).error, /^unable to parse: /);
});

test('telegraf writes with outputs.influxdb_v2 as it is', limit, async () => {
  const token = { Authorization: `Token ${TOKEN}` };
  const path = '/api/v2/write?bucket=telegraf&org=weir';
  const written = await ask(guarded, 'POST', path, {
    ...TELEGRAF, ...PLAIN, ...token, 'Content-Encoding': 'gzip',
  }, gzipSync(`mem,host=a used_percent=12.5 ${now()}\n`));
  assert.deepEqual([written.status, written.body], [204, '']);
  const wrong = await ask(guarded, 'POST', path, { ...TELEGRAF, ...PLAIN, Authorization: 'Token no' }, 'm f=1\n');
  assert.equal(wrong.status, 401);
  assert.equal(JSON.parse(wrong.body).code, 'unauthorized');
  const partial = await ask(guarded, 'POST', path, { ...TELEGRAF, ...PLAIN, ...token }, 'm f=1\nm f=\n');
  assert.equal(partial.status, 400);
  assert.deepEqual([JSON.parse(partial.body).code, JSON.parse(partial.body).accepted], ['invalid', 1]);
  // It halves a batch that is too large and sends both halves: none of it may have counted.
  const before = await lines(guarded, 'http/influx', 'accepted');
  const large = await ask(guarded, 'POST', path, { ...TELEGRAF, ...PLAIN, ...token, 'Content-Encoding': 'gzip' },
    gzipSync('m f=1\n'.repeat(2_000_000)));
  assert.equal(large.status, 413);
  assert.equal(await lines(guarded, 'http/influx', 'accepted'), before);
});

test('the npm client of influx 2 writes, and hears of bad lines once', limit, async () => {
  const { InfluxDB, Point } = installed('@influxdata/influxdb-client');
  const writer = new InfluxDB({ url: guarded.url, token: TOKEN })
    .getWriteApi('org', 'bucket', 'ms', { gzipThreshold: 10, maxRetries: 3 });
  const before = await lines(guarded, 'http/influx', 'accepted');
  for (let i = 0; i < 50; i++) {
    writer.writePoint(new Point('client.two').tag('host', 'a').floatField('v', i).timestamp(Date.now()));
  }
  await writer.close();
  assert.equal(await until('the points', async () => (await lines(guarded, 'http/influx', 'accepted')) - before), 50);
  const strict = new InfluxDB({ url: guarded.url, token: TOKEN })
    .getWriteApi('org', 'bucket', 'ns', { maxRetries: 3, writeFailed: () => Promise.resolve() });
  const faults = await lines(guarded, 'http/influx', 'rejected');
  strict.writeRecord('client.two v=');
  await strict.close();
  assert.equal((await lines(guarded, 'http/influx', 'rejected')) - faults, 1); // not resent
});

test('the npm client of influx 1 makes its database and writes', limit, async () => {
  const { InfluxDB } = installed('influx');
  const [host, port] = gateway.http.split(':');
  const influx = new InfluxDB({ host, port: Number(port), protocol: 'http', database: 'app' });
  const [ping] = await influx.ping(2_000);
  assert.equal(ping.online, true);
  assert.match(ping.version, /^1\.8\./);
  assert.deepEqual(await influx.getDatabaseNames(), ['weir']);
  await influx.createDatabase('app');
  const before = await lines(gateway, 'http/influx', 'accepted');
  await influx.writePoints([
    { measurement: 'client.one', tags: { host: 'a' }, fields: { v: 1.5 } },
    { measurement: 'client.one', tags: { host: 'b' }, fields: { v: 2.5 }, timestamp: new Date() },
  ], { precision: 'ms' });
  assert.equal(await until('the points', async () => (await lines(gateway, 'http/influx', 'accepted')) - before), 2);
  await assert.rejects(influx.query('SELECT * FROM cpu'), /CREATE DATABASE/);
});

test('curl writes every format, and what it wrote reaches a subscriber', limit, async () => {
  const query = { metric: 'by.curl', window: '10s', stats: ['count'] };
  const page = await subscriber(gateway.ws, [{ t: 'hello', v: 1 }, { t: 'sub', id: 1, q: query }]);
  const curl = async (...args) => {
    const program = start('curl', ['-sS', '-o', '-', '-w', '\n%{http_code}', '--max-time', '20', ...args]);
    const { code } = await program.ended;
    assert.equal(code, 0, program.err);
    return program.out.trimStart();
  };
  assert.equal(await curl('-d', 'by.curl:3|c|#route:/pay', `${gateway.url}/api/v1/write`), '204');
  const write = (format, data) => curl('--data-binary', data, `${gateway.url}/api/v1/write?format=${format}`);
  assert.equal(await write('influx', 'm,host=a f=1'), '204');
  assert.equal(await write('graphite', 'a.b;k=v 1.5 -1'), '204');
  assert.equal(await write('json', '{"name":"by.curl","kind":"counter","value":4}'), '204');
  assert.match(await write('statsd', 'a:1|c\nbad\n'), /"accepted":1,"rejected":1,.*"line":2.*\n400$/s);
  const seven = (message) => (message.t === 'snap' || message.t === 'u') && message.c?.[0]?.[0] === 7;
  await page.next('both counters together', seven);
  page.close();
  for (const feed of ['statsd', 'influx', 'graphite', 'json'])
    assert.ok((await lines(gateway, `http/${feed}`, 'accepted')) >= 1, feed);
});

test("python's urllib writes with a token, and a retry of its batch counts once", limit, async () => {
  const script = `
import sys, urllib.request, urllib.error
url, token = sys.argv[1:]
def write(body, **headers):
    request = urllib.request.Request(url + '/api/v1/write', data=body.encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers.get('Weir-Batch')
    except urllib.error.HTTPError as fault:
        return fault.code, fault.headers.get('WWW-Authenticate')
print(write('by.python:1|c'))
auth = {'Authorization': 'Bearer ' + token, 'Weir-Batch-Id': 'batch-1'}
print(write('by.python:1|c\\nby.python:2|c', **auth))
print(write('by.python:1|c\\nby.python:2|c', **auth))
`;
  const before = await lines(guarded, 'http/statsd', 'accepted');
  const program = start('/usr/bin/python3', ['-c', script, guarded.url, TOKEN]);
  await program.ended;
  assert.deepEqual(program.out.trim().split('\n'),
    ['(401, \'Bearer realm="weir"\')', '(204, None)', "(204, 'repeated')"], program.err);
  assert.equal((await lines(guarded, 'http/statsd', 'accepted')) - before, 2);
  assert.ok(!guarded.log.includes(TOKEN));
});

test('a bomb over http is stopped at the limit, and the gateway goes on', limit, async () => {
  const bomb = gzipSync(Buffer.alloc(256 << 20, 'a'), { level: 9 });
  const memory = async () => gateway.metric('process_resident_memory_bytes');
  const before = await memory();
  for (let i = 0; i < 3; i++) {
    const answer = await ask(gateway, 'POST', '/write', { 'Content-Encoding': 'gzip' }, bomb);
    assert.equal(answer.status, 413);
  }
  assert.ok((await memory()) - before < 64 << 20);
  assert.equal((await gateway.get('/healthz')).status, 200);
});
