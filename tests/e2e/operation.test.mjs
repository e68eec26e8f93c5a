// Starting, stopping, bad input, Prometheus: what whoever runs Weir meets.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import {
  endChildren,
  ENVIRONMENT,
  freePort,
  PROGRAM,
  raw,
  ROOT,
  start,
  startGateway,
  subscriber,
  until,
} from './gateway.mjs';

const limit = { timeout: 60_000 };
const weir = (...args) =>
  spawnSync(PROGRAM, args, { cwd: ROOT, env: ENVIRONMENT, encoding: 'utf8', timeout: 20_000 });

test('SIGTERM says bye, closes with 1001 and exits 0', limit, async () => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const gateway = await startGateway();
    const peer = await subscriber(gateway.ws, [{ t: 'sub', id: 1, q: { metric: 'system.cpu.utilization' } }]);
    await peer.next('snap', (m) => m.t === 'snap');
    const ended = await gateway.stop(signal);
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.equal((await peer.closed).code, 1001);
    const bye = peer.messages.at(-1);
    assert.equal(bye.t, 'bye');
    assert.equal(bye.after.length, 2);
  }
});

test('SIGTERM with 1,000 subscribers of which some never answer: 1001 for who reads, exit 0', limit, async () => {
  const gateway = await startGateway();
  const sub = { t: 'sub', id: 1, q: { metric: 'system.cpu.utilization' } };
  const peers = await Promise.all(Array.from({ length: 950 }, () => subscriber(gateway.ws, [sub])));
  // They subscribe and read, and answer no Close: a masked text frame (RFC 6455 section 5.3), key 0.
  const text = JSON.stringify(sub);
  const frame = `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`;
  const stubborn = Array.from({ length: 50 }, () =>
    raw(
      gateway.http,
      `GET /v1/ws HTTP/1.1\r\nHost: ${gateway.http}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${frame}`,
    ),
  );
  await Promise.all(peers.map((peer) => peer.next('subd', (m) => m.t === 'subd', { every: 50 })));
  await until('all upgrades', async () => (await gateway.metric('weir_upgrades_total')) === 1000);
  const begun = Date.now();
  const ended = await gateway.stop();
  assert.deepEqual(ended, { code: 0, signal: null });
  assert.ok(Date.now() - begun < 15_000, 'the drain ends by itself'); // after 5 s, on a busy machine later
  for (const peer of peers) assert.equal((await peer.closed).code, 1001);
  for (const heard of await Promise.all(stubborn)) assert.match(heard, /\x88[^]\x03\xe9/);
});

test('a second signal ends it at once, though a client does not let go', limit, async () => {
  const gateway = await startGateway();
  // Upgraded, then silent: it answers no Close.
  const stubborn = raw(
    gateway.http,
    `GET /v1/ws HTTP/1.1\r\nHost: ${gateway.http}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await until('its connection', () => gateway.metric('weir_upgrades_total'));
  gateway.child.kill('SIGTERM');
  await until('the drain', () => gateway.log.includes('draining'));
  const ended = await gateway.stop('SIGTERM');
  assert.equal(ended.code, 1); // 0 would say that it had waited for the client
  await stubborn;
});

test('a taken port is told in one sentence that names it, with status 1', limit, async () => {
  const gateway = await startGateway();
  const second = weir('serve', '--set', `http.listen=${gateway.http}`, '--set', 'feeds=[]');
  assert.equal(second.status, 1);
  assert.equal(second.stdout, '');
  assert.equal(second.stderr.trim().split('\n').length, 1);
  assert.ok(second.stderr.includes(gateway.http) && second.stderr.includes('in use'), second.stderr);
  await gateway.stop();
});

test('a bad configuration is told whole, with file and line, and status 2', limit, () => {
  for (const command of [['check'], ['serve', '--config']]) {
    const refused = weir(...command, 'tests/config/bad/unknown-key.yaml');
    assert.equal(refused.status, 2);
    assert.equal(
      refused.stderr,
      'tests/config/bad/unknown-key.yaml:3: htpp: unknown key, did you mean http?\n' +
        'tests/config/bad/unknown-key.yaml:6: time.pain: unknown key, did you mean time.pane?\n',
    );
  }
  for (const name of readdirSync(`${ROOT}/tests/config/bad`).filter((file) => file.endsWith('.yaml')))
    assert.equal(weir('check', `tests/config/bad/${name}`).status, 2, name);
  assert.equal(weir('check', 'deploy/weir.yaml').status, 0);
});

test('the environment overrides the file, and --set the environment', limit, async () => {
  const program = start(PROGRAM, ['serve', '--set', 'feeds=[]', '--config', 'deploy/weir.yaml'], {
    env: { ...ENVIRONMENT, WEIR_HTTP_LISTEN: '127.0.0.1:0' },
  });
  await until('the start lines', () => program.out.includes('is running'));
  assert.match(program.out, /^event=listening what=http address=127\.0\.0\.1:(?!8080\n)\d+\n/);
  assert.doesNotMatch(program.out, /statsd/);
  program.child.kill('SIGTERM');
  assert.equal((await program.ended).code, 0);
});

test('bad input of each kind is counted, answered, and everything else goes on', limit, async () => {
  const gateway = await startGateway();
  const healthy = await subscriber(gateway.ws, [
    { t: 'sub', id: 1, q: { metric: 'still.alive', stats: ['last'] }, rate: '250ms' },
  ]);
  await healthy.next('snap', (m) => m.t === 'snap');
  const counted = (series, least = 1) =>
    until(series, async () => (await gateway.metric(series)) >= least, { within: 5000 });

  await gateway.statsd(Buffer.from([0, 255, 254, 10, 58, 58, 124]));
  await counted('weir_ingest_lines_total{feed="udp/statsd",result="rejected"}');

  assert.match(await raw(gateway.http, 'garbage\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await raw(gateway.http, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /);
  await counted('weir_http_answers_total{status="400"}', 2);

  const upgraded = await raw(
    gateway.http,
    `GET /v1/ws HTTP/1.1\r\nHost: ${gateway.http}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' +
      '\x81\x02hi', // a text frame without a mask
  );
  assert.match(upgraded, /^HTTP\/1\.1 101 /);
  assert.ok(upgraded.includes('\x03\xea'), 'a Close with 1002');
  await counted('weir_ws_closes_total{code="1002"}');

  healthy.say({ t: 'sub', id: 2, q: { metric: 'a', window: 'soon' } });
  await healthy.next('its err', (m) => m.t === 'err' && m.code === 'query.bad_window');
  await counted('weir_commands_refused_total{code="query.bad_window"}');

  await gateway.statsd('still.alive:41|g');
  await healthy.next('the value', (m) => m.t === 'u' && m.c?.[0]?.[0] === 41);
  assert.equal((await gateway.stop()).code, 0);
});

test('promtool finds nothing to say about /metrics', limit, async () => {
  const gateway = await startGateway();
  await gateway.statsd('a:1|c\nb:2|ms\nbad');
  const answer = await gateway.get('/metrics');
  assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const said = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text(), encoding: 'utf8' });
  assert.equal(said.stdout + said.stderr, '');
  assert.equal(said.status, 0);
  await gateway.stop();
});

test('a real Prometheus scrapes it', limit, async () => {
  const gateway = await startGateway();
  const folder = mkdtempSync(`${tmpdir()}/weir-prometheus-`);
  writeFileSync(
    `${folder}/prometheus.yml`,
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: weir, static_configs: [{targets: ["${gateway.http}"]}]}]\n`,
  );
  const port = await freePort();
  const prometheus = start('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  const ask = async (query) => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = await fetch(url).then((response) => response.json()).catch(() => null);
    return answer?.data?.result?.[0]?.value?.[1];
  };
  await until('up', async () => (await ask('up{job="weir"}')) === '1', { within: 30_000, every: 200 });
  assert.equal(await ask('weir_build_info'), '1');
  assert.equal(await ask('scrape_samples_scraped{job="weir"} > bool 50'), '1');
  prometheus.child.kill('SIGTERM');
  await prometheus.ended;
  rmSync(folder, { recursive: true, force: true });
  await gateway.stop();
});

after(endChildren);
