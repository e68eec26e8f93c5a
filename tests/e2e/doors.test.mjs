// How one gets in: https and wss, Unix sockets, both families of addresses, behind a proxy, and when there is no
// descriptor left.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import tls from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endChildren, ENVIRONMENT, PROGRAM, raw, start, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
const run = promisify(execFile);
const folder = mkdtempSync(`${tmpdir()}/weir-doors-`);
after(() => {
  endChildren();
  rmSync(folder, { recursive: true, force: true });
});

/** NAME.pem and NAME.key, a certificate for these hosts that vouches for itself. */
function certificate(name, hosts = 'DNS:localhost,IP:127.0.0.1') {
  const done = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=weir']
      .concat(['-addext', `subjectAltName=${hosts}`, '-keyout', `${folder}/${name}.key`, '-out', `${folder}/${name}.pem`]),
    { encoding: 'utf8' },
  );
  assert.equal(done.status, 0, done.stderr);
}
const certificates = (name) => [`http.tls.cert=${folder}/${name}.pem`, `http.tls.key=${folder}/${name}.key`];

/** What curl gets, and its exit status. */
async function curl(...args) {
  try {
    return { code: 0, ...(await run('curl', ['--silent', '--show-error', '--max-time', '20', ...args])) };
  } catch (fault) {
    return { code: fault.code, stdout: fault.stdout, stderr: fault.stderr };
  }
}

/** A WebSocket over TLS by hand: the upgrade, then frames as they come. */
async function upgradeOverTls(address, ca) {
  const [host, port] = address.split(':');
  const socket = tls.connect({ host, port: Number(port), ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
  const peer = { socket, heard: '', closed: false };
  socket.setEncoding('latin1').on('data', (text) => {
    peer.heard += text;
  });
  socket.on('close', () => {
    peer.closed = true;
  });
  socket.on('error', () => {});
  socket.write(
    `GET /v1/ws HTTP/1.1\r\nHost: ${address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await until('the 101', () => peer.heard.startsWith('HTTP/1.1 101 '));
  peer.say = (message) => {
    const payload = Buffer.from(JSON.stringify(message));
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  };
  return peer;
}

test('https and wss carry everything, and the certificate is renewed without dropping anybody', limit, async () => {
  certificate('renewed');
  const gateway = await startGateway({ set: certificates('renewed') });
  const address = gateway.address('https');
  assert.ok(address, gateway.out);
  assert.ok(gateway.out.includes(`Open https://${address}/`), gateway.out);
  const first = readFileSync(`${folder}/renewed.pem`);
  const health = await curl('--cacert', `${folder}/renewed.pem`, `https://${address}/healthz`);
  assert.equal(health.code, 0, health.stderr);

  const peer = await upgradeOverTls(address, first);
  assert.equal(peer.socket.alpnProtocol, 'http/1.1');
  assert.equal(peer.socket.getProtocol(), 'TLSv1.3');
  peer.say({ t: 'sub', id: 1, q: { metric: 'system.cpu.utilization' } });
  await until('a snapshot', () => peer.heard.includes('"t":"snap"'));

  certificate('renewed');
  gateway.child.kill('SIGHUP');
  await until('the log', () => gateway.log.includes('event=certificates_reloaded'));
  assert.notEqual((await curl('--cacert', `${folder}/renewed.pem`, `https://${address}/healthz`)).stdout, '');
  const old = `${folder}/old.pem`;
  writeFileSync(old, first);
  assert.equal((await curl('--cacert', old, `https://${address}/healthz`)).code, 60); // not trusted any more

  writeFileSync(`${folder}/renewed.pem`, 'no certificate');
  gateway.child.kill('SIGHUP');
  await until('the log', () => gateway.log.includes('event=certificates_kept'));
  assert.match(gateway.log, /level=error event=certificates_kept why="[^\n]*renewed\.pem holds no certificate/);
  assert.equal((await curl('--insecure', `https://${address}/healthz`)).code, 0);

  // The first connection lived through all of it.
  const heard = peer.heard.length;
  peer.say({ t: 'ping', n: 7 });
  await until('the pong', () => peer.heard.slice(heard).includes('"t":"pong"'));
  assert.equal(peer.closed, false);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
});

test('versions below TLS 1.2 and plain HTTP get no answer on an https port', limit, async () => {
  certificate('strict');
  const gateway = await startGateway({ set: certificates('strict') });
  const address = gateway.address('https');
  const offered = (version) =>
    spawnSync('openssl', ['s_client', '-connect', address, `-${version}`, '-cipher', 'ALL:@SECLEVEL=0'], {
      input: '',
      encoding: 'utf8',
      timeout: 20_000,
    });
  assert.notEqual(offered('tls1_1').status, 0);
  assert.equal(offered('tls1_2').status, 0);
  assert.equal(await raw(address, `GET / HTTP/1.1\r\nHost: ${address}\r\n\r\n`), '');
  await until('the hint', () => gateway.log.includes('event=plain_http_on_tls_port'));
  await gateway.stop();
});

test('a certificate that cannot be used is told in one sentence, with status 1', limit, () => {
  certificate('one');
  certificate('two');
  const set = ['--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]'];
  const files = ['--set', `http.tls.cert=${folder}/one.pem`, '--set', `http.tls.key=${folder}/two.key`];
  const done = spawnSync(PROGRAM, ['serve', ...set, ...files], { env: ENVIRONMENT, encoding: 'utf8', timeout: 20_000 });
  assert.equal(done.status, 1);
  assert.equal(done.stderr, `weir: http.tls: the key ${folder}/two.key does not match the certificate ${folder}/one.pem\n`);
});

test('a Unix socket serves, has its mode, outlives a crash and goes at the end', limit, async () => {
  const path = `${folder}/weir.sock`;
  const open = () => startGateway({ http: `unix:${path}`, set: ['http.socket_mode=0600'] });
  const killed = await open();
  assert.ok(killed.out.includes(`event=listening what=http address=unix:${path}`), killed.out);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await killed.stop('SIGKILL');
  assert.ok(existsSync(path));
  const gateway = await open();
  const health = await curl('--unix-socket', path, 'http://localhost/healthz');
  assert.equal(health.code, 0, health.stderr);
  const second = spawnSync(PROGRAM, ['serve', '--set', `http.listen=unix:${path}`, '--set', 'feeds=[]'], {
    env: ENVIRONMENT,
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(second.status, 1);
  assert.ok(second.stderr.includes(`unix:${path}`) && second.stderr.includes('in use'), second.stderr);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.ok(!existsSync(path));
});

test('[::] is reached by both families', limit, async () => {
  const gateway = await startGateway({ http: '[::]:0' });
  const port = gateway.http.split(':').at(-1);
  for (const host of ['127.0.0.1', '[::1]']) {
    const answer = await fetch(`http://${host}:${port}/healthz`);
    assert.equal(answer.status, 200);
  }
  await gateway.stop();
});

test('a PROXY header is required of a proxy, and its client is the one in the log', limit, async () => {
  const set = ['http.trusted_proxies=127.0.0.1', 'http.proxy_protocol=required', 'limits.connections_per_address=1'];
  const gateway = await startGateway({ set });
  const header = 'PROXY TCP4 192.0.2.1 198.51.100.7 51234 443\r\n';
  const request = (host) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  assert.match(await raw(gateway.http, request(gateway.http)), /^HTTP\/1\.1 400 /);
  assert.match(await raw(gateway.http, header + request(gateway.http)), /^HTTP\/1\.1 200 /);
  // One line a second of each event is logged, so that the first try may be hidden by another's.
  await until('the log', async () => {
    assert.match(await raw(gateway.http, header + request('evil.example')), /^HTTP\/1\.1 421 /);
    return /event=host_refused [^\n]*peer=192\.0\.2\.1:51234/.test(gateway.log);
  });
  // One connection of that address stays: the next is refused.
  const [host, port] = gateway.http.split(':');
  const first = net.connect(Number(port), host);
  first.write(header);
  await until('a refusal', async () => / 503 /.test(await raw(gateway.http, header + request(gateway.http))));
  first.destroy();
  await until('room', async () => / 200 /.test(await raw(gateway.http, header + request(gateway.http))));
  await gateway.stop();
});

/** Processor time of a process so far, in clock ticks of 10 ms. */
function ticksOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test('out of descriptors it answers 503 without spinning, and comes back', limit, async () => {
  const settings = ['http.listen=127.0.0.1:0', 'feeds=[]', 'workers=1'];
  const known = settings.flatMap((setting) => ['--set', setting]);
  const gateway = start('bash', ['-c', 'ulimit -n 48; exec "$@"', 'bash', PROGRAM, 'serve', ...known]);
  await until('the start lines', () => gateway.out.includes('is running'));
  const address = /what=http address=(.*)$/m.exec(gateway.out)[1];
  const [host, port] = address.split(':');
  const held = [];
  let refused = '';
  for (let i = 0; i < 100 && !refused; i += 1) {
    const socket = net.connect(Number(port), host);
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text) => {
      refused += text;
    });
    held.push(socket);
    await once(socket, 'connect').catch(() => {});
  }
  await until('a refusal', () => /^HTTP\/1\.1 503 /.test(refused));
  assert.ok(held.length > 10);
  // More wait than can be served. What that costs is measured over two seconds.
  for (let i = 0; i < 30; i += 1) held.push(net.connect(Number(port), host).on('error', () => {}));
  const before = ticksOf(gateway.pid);
  const begun = performance.now();
  await pause(2_000);
  const share = ((ticksOf(gateway.pid) - before) * 10) / (performance.now() - begun);
  assert.ok(share < 0.05, `${(share * 100).toFixed(1)} % of a core`);
  for (const socket of held) socket.destroy();
  await until('an answer', async () =>
    / 200 /.test(await raw(address, `GET /healthz HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`)),
  );
  gateway.child.kill('SIGTERM');
  assert.equal((await gateway.ended).code, 0);
});
