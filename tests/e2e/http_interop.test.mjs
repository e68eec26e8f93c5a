// Other people's HTTP programs against ours: curl, nginx in front, wrk, h2load and slowhttptest.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, raw, start, startGateway, subscriber, until } from './gateway.mjs';
import { startNginx } from './nginx.mjs';

const limit = { timeout: 60_000 };
const PAGE = 'x'.repeat(4000) + 'the end';
let folder;
let gateway;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-http-'));
  writeFileSync(join(folder, 'page.txt'), PAGE);
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(3 << 20, 'y'));
  gateway = await startGateway({ pages: folder });
});
after(async () => {
  await gateway?.stop();
  endChildren();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program to its end. */
async function run(command, ...args) {
  const program = start(command, args);
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}

/** What curl got: status, headers in lower case, body. `%` in an argument stands for the gateway's address. */
async function curl(...args) {
  const known = args.map((text) => text.replace(/^%/, gateway.url));
  const { code, out, err } = await run('curl', '-sS', '-i', '--max-time', '20', ...known);
  assert.equal(code, 0, `curl ${known.join(' ')}: ${err}`);
  const end = out.indexOf('\r\n\r\n');
  const [first, ...lines] = out.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2),
  ]));
  return { status: Number(first.split(' ')[1]), headers, body: out.slice(end + 4) };
}

test('curl gets files whole, in parts, and not again', limit, async () => {
  const whole = await curl('%/pages/page.txt');
  assert.equal(whole.status, 200);
  assert.equal(whole.body, PAGE);
  assert.equal(whole.headers['accept-ranges'], 'bytes');
  const head = await curl('-I', '%/pages/page.txt');
  assert.equal(head.headers['content-length'], String(PAGE.length));
  assert.equal(head.body, '');
  for (const [range, text] of [['0-0', 'x'], ['-7', 'the end'], ['4004-', 'end']]) {
    const part = await curl('-r', range, '%/pages/page.txt');
    assert.deepEqual([part.status, part.body], [206, text], range);
  }
  const beyond = await curl('-r', '9999-', '%/pages/page.txt');
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${PAGE.length}`]);
  const same = await curl('-H', `If-None-Match: "other", W/${whole.headers.etag}`, '%/pages/page.txt');
  assert.deepEqual([same.status, same.body, same.headers.etag], [304, '', whole.headers.etag]);
  const moved = await curl('-r', '0-0', '-H', 'If-Range: "other"', '%/pages/page.txt');
  assert.deepEqual([moved.status, moved.body], [200, PAGE]);
  assert.equal((await curl('-H', 'Accept-Encoding: identity;q=0', '%/pages/page.txt')).status, 406);
});

test('curl goes on with a download that was broken off', limit, async () => {
  const file = join(folder, 'download.txt');
  writeFileSync(file, PAGE.slice(0, 1234));
  const { code, err } = await run('curl', '-sS', '-C', '-', '-o', file, `${gateway.url}/pages/page.txt`);
  assert.equal(code, 0, err);
  assert.equal(readFileSync(file, 'utf8'), PAGE);
});

test('curl gets the compressed twin, under another ETag', limit, async () => {
  const plain = await curl('%/weir.js');
  const twin = await curl('--compressed', '%/weir.js');
  assert.equal(twin.headers['content-encoding'], 'gzip');
  assert.equal(twin.body, plain.body);
  assert.notEqual(twin.headers.etag, plain.headers.etag);
  assert.match(twin.headers.vary, /Accept-Encoding/);
  assert.equal((await curl('-H', 'Accept-Encoding: gzip;q=0, *', '%/weir.js')).body, plain.body);
});

test('curl is refused with a status of its own for each reason', limit, async () => {
  const large = join(folder, 'large.bin');
  for (const [status, ...args] of [
    [400, '--path-as-is', '%/pages/../etc/passwd'],
    [400, '--path-as-is', '%/pages/%2e%2e/passwd'],
    [403, '-X', 'POST', '-H', 'Origin: https://evil.example', '-d', 'a:1|c', '%/api/v1/write'],
    [404, '%/api/v1/nothing'],
    [405, '-X', 'DELETE', '%/api/v1/status'],
    [405, '-T', large, '-H', 'Expect:', '%/api/v1/status'],
    [405, '--data-binary', `@${large}`, '%/healthz'],
    [405, '-T', large, '-H', 'Transfer-Encoding: chunked', '%/healthz'],
    [413, '-X', 'GET', '--data-binary', `@${large}`, '%/healthz'],
    [414, `%/${'a'.repeat(9000)}`],
    [417, '-H', 'Expect: miracles', '%/healthz'],
    [421, '-H', 'Host: evil.example', '%/healthz'],
    [426, '%/v1/ws'],
    [431, '-H', `A: ${'a'.repeat(17_000)}`, '%/healthz'],
    [501, '-X', 'TRACE', '%/healthz'],
  ]) {
    const got = await curl(...args);
    assert.equal(got.status, status, args.join(' ').slice(0, 200));
    assert.match(got.headers.date, / GMT$/);
    if (status >= 413) assert.ok(status === 421 || /close/.test(got.headers.connection), `${status}`);
    if (args.at(-1).startsWith('%/api')) assert.equal(JSON.parse(got.body).error.n, status);
  }
  const options = await curl('-X', 'OPTIONS', '--request-target', '*', '%/');
  assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, POST, PUT, DELETE, OPTIONS']);
});

test('curl keeps its connection, or not', limit, async () => {
  const connects = async (...args) =>
    (await run('curl', '-sS', '-w', '%{num_connects}\n', '-o', '/dev/null', ...args, `${gateway.url}/healthz`,
      '-o', '/dev/null', `${gateway.url}/healthz`)).out;
  assert.equal(await connects(), '1\n0\n');
  assert.equal(await connects('--http1.0'), '1\n1\n');
  assert.equal(await connects('--http1.0', '-H', 'Connection: keep-alive'), '1\n0\n');
  assert.equal(await connects('-H', 'Connection: close'), '1\n1\n');
});

test('a hundred pipelined requests are answered in order', limit, async () => {
  const ask = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
  let requests = '';
  for (let i = 0; i < 99; ++i) requests += ask(`/pages/page.txt?${i}`, `Range: bytes=${i}-${i + 1}\r\n`);
  const answers = await raw(gateway.http, requests + ask('/healthz', 'Connection: close\r\n'));
  const parts = [...answers.matchAll(/Content-Range: bytes (\d+)-/g)].map((match) => Number(match[1]));
  assert.deepEqual(parts, Array.from({ length: 99 }, (_, i) => i));
  assert.match(answers, /ok\n$/);
});

test('who speaks TLS to the plain port is told why in the log', limit, async () => {
  await curl('-H', 'Host: evil.example', '%/healthz'); // a line of another event hides it not
  const { code } = await run('curl', '-sSk', '--max-time', '10', `https://${gateway.http}/`);
  assert.notEqual(code, 0);
  await until('the hint', () => /tls_on_plain_port.*http\.tls/.test(gateway.log));
});

test('nginx in front carries files, refusals and a WebSocket', limit, async () => {
  const nginx = await startNginx(gateway, folder);
  const page = await fetch(`${nginx.url}/pages/page.txt`);
  assert.equal(await page.text(), PAGE);
  const again = await fetch(`${nginx.url}/pages/page.txt`, { headers: { 'If-None-Match': page.headers.get('etag') } });
  assert.equal(again.status, 304);
  const part = await fetch(`${nginx.url}/pages/page.txt`, { headers: { Range: 'bytes=-7' } });
  assert.deepEqual([part.status, await part.text()], [206, 'the end']);
  assert.equal((await fetch(`${nginx.url}/weir.js`, { method: 'HEAD' })).status, 200);
  const large = await fetch(`${nginx.url}/healthz`, { method: 'POST', body: Buffer.alloc(3 << 20, 'y') });
  assert.equal(large.status, 405);
  for (let i = 0; i < 20; ++i) assert.equal((await fetch(`${nginx.url}/healthz`)).status, 200);

  const peer = await subscriber(`ws://${nginx.address}/v1/ws`, [
    { t: 'sub', id: 1, q: { metric: 'system.cpu.utilization' } },
  ]);
  await peer.next('snap through nginx', (m) => m.t === 'snap');
  await peer.next('u through nginx', (m) => m.t === 'u');
  peer.close();
  assert.equal((await peer.closed).code, 1005);
  // A browser names the proxy in Host and in Origin alike.
  const upgrade = (origin) => raw(nginx.address, `GET /v1/ws HTTP/1.1\r\nHost: ${nginx.address}\r\nOrigin: ${origin}\r\n` +
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n', /\r\n\r\n/);
  assert.match(await upgrade(nginx.url), /^HTTP\/1\.1 101 /);
  assert.match(await upgrade('http://evil.example'), /^HTTP\/1\.1 403 /);
  nginx.program.child.kill('SIGTERM');
  assert.equal((await nginx.program.ended).code, 0);
});

test('wrk and h2load find no fault', limit, async () => {
  for (const path of ['/healthz', '/pages/page.txt', '/weir.js']) {
    const wrk = await run('wrk', '-t1', '-c16', '-d1s', `${gateway.url}${path}`);
    assert.equal(wrk.code, 0, wrk.err);
    assert.doesNotMatch(wrk.out, /Socket errors|Non-2xx/, wrk.out);
    assert.ok(Number(/Requests\/sec:\s+([\d.]+)/.exec(wrk.out)[1]) > 100, wrk.out);
  }
  const h2load = await run('h2load', '--h1', '-n', '2000', '-c', '16', '-m', '8', `${gateway.url}/pages/page.txt`);
  assert.match(h2load.out, /2000 succeeded, 0 failed, 0 errored/, h2load.out);
  assert.match(h2load.out, /status codes: 2000 2xx/, h2load.out);
});

test('slow heads, slow bodies and slow readers hinder nobody', limit, async () => {
  const attack = (...args) => run('slowhttptest', '-c', '60', '-r', '60', '-i', '1', '-l', '4', '-p', '2', ...args);
  const attacks = Promise.all([
    attack('-H', '-u', `${gateway.url}/`),
    attack('-B', '-u', `${gateway.url}/healthz`),
    attack('-X', '-w', '16', '-y', '32', '-n', '1', '-z', '8', '-u', `${gateway.url}/pages/large.bin`),
  ]);
  let over = false;
  attacks.then(() => {
    over = true;
  });
  let slowest = 0;
  for (let asked = 0; !over; ++asked) {
    const begun = performance.now();
    assert.equal((await gateway.get('/healthz')).status, 200);
    slowest = Math.max(slowest, performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { code, out, err } of await attacks) assert.equal(code, 0, out + err);
  assert.ok(slowest < 1000, `an answer took ${slowest} ms`);
});
