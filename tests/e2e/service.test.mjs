// Weir as a service: what a service manager hears of it, the unit file, and whether it can live with what that allows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endChildren, ENVIRONMENT, PROGRAM, ROOT, start, until } from './gateway.mjs';

const limit = { timeout: 60_000 };

/** A socket of datagrams as systemd's; `out` grows by a line for each. Node has none of that kind. */
async function manager(folder) {
  const path = join(folder, 'notify');
  const ear = start('python3', [
    '-uc',
    `import socket, sys
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind(sys.argv[1])
print("listens")
while True: print(ear.recv(4096).decode().replace("\\n", " "))`,
    path,
  ]);
  await until('the manager', () => ear.out.includes('listens'));
  return { path, ear, count: (word) => ear.out.split('\n').filter((line) => line.startsWith(word)).length };
}

function service(path, { watchdog, args = [] } = {}) {
  const feeds = '[{listen: "udp://127.0.0.1:0"}, {host: {every: 1s}}]';
  return start(PROGRAM, ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', `feeds=${feeds}`, ...args], {
    env: { ...ENVIRONMENT, NOTIFY_SOCKET: path, ...(watchdog && { WATCHDOG_USEC: String(watchdog) }) },
  });
}

test('a service manager hears that it is ready, that it lives, and that it stops', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-service-`);
  const { path, ear, count } = await manager(folder);
  const weir = service(path, { watchdog: 300_000 });
  await until('READY', () => count('READY=1'));
  assert.match(weir.out, /is running/); // its sockets were open before
  assert.match(ear.out, /^READY=1 STATUS=Open http:\/\/127\.0\.0\.1:\d+\/$/m);
  await until('signs of life', () => count('WATCHDOG=1') >= 4);
  weir.child.kill('SIGHUP'); // nothing to read again: it goes on
  await until('the refusal', () => weir.err.includes('nothing_to_reload'));
  const before = count('WATCHDOG=1');
  await until('further signs', () => count('WATCHDOG=1') > before + 1);
  weir.child.kill('SIGTERM');
  assert.deepEqual(await weir.ended, { code: 0, signal: null });
  await until('STOPPING', () => count('STOPPING=1'));
  assert.equal(count('READY=1'), 1);
  ear.child.kill();
  rmSync(folder, { recursive: true });
});

test('a process that stands still gives no sign of life', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-service-`);
  const { path, ear, count } = await manager(folder);
  const weir = service(path, { watchdog: 150_000 });
  await until('signs of life', () => count('WATCHDOG=1') >= 2);
  weir.child.kill('SIGSTOP');
  await until('the stop', () => /^State:\s+T/m.test(spawnSync('cat', [`/proc/${weir.pid}/status`], { encoding: 'utf8' }).stdout));
  // What was said before it stopped has been heard once this word of ours has.
  const say = (word) => spawnSync('python3', ['-c', 'import socket, sys\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[2].encode(), sys.argv[1])', path, word]);
  say('MARK=1');
  await until('the mark', () => count('MARK=1'));
  const before = count('WATCHDOG=1');
  const begun = Date.now();
  while (Date.now() - begun < 600) say('MARK=2'); // four times what the watchdog allows
  await until('the marks', () => count('MARK=2'));
  assert.equal(count('WATCHDOG=1'), before);
  weir.child.kill('SIGCONT');
  await until('signs of life again', () => count('WATCHDOG=1') > before);
  weir.child.kill('SIGTERM');
  assert.equal((await weir.ended).code, 0);
  ear.child.kill();
  rmSync(folder, { recursive: true });
});

test('a reload is announced, and its end too', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-service-`);
  const { path, ear, count } = await manager(folder);
  const hash = 'sha256:' + '0'.repeat(64);
  writeFileSync(join(folder, 'weir.yaml'), `auth:\n  readers: [{name: ops, hash: "${hash}"}]\n`);
  const weir = service(path, { args: ['--config', join(folder, 'weir.yaml')] });
  await until('READY', () => count('READY=1') === 1);
  weir.child.kill('SIGHUP');
  await until('RELOADING', () => /^RELOADING=1 MONOTONIC_USEC=\d+$/m.test(ear.out));
  await until('READY again', () => count('READY=1') === 2);
  assert.match(weir.err, /event=access_(reloaded|kept)/);
  assert.equal(count('WATCHDOG=1'), 0); // nobody asked for it
  weir.child.kill('SIGTERM');
  assert.equal((await weir.ended).code, 0);
  ear.child.kill();
  rmSync(folder, { recursive: true });
});

test('a service manager that is not there is told at the start, with status 1', limit, () => {
  const refused = spawnSync(PROGRAM, ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]'], {
    cwd: ROOT,
    env: { ...ENVIRONMENT, NOTIFY_SOCKET: '/nowhere/notify' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^weir: cannot tell the service manager at \/nowhere\/notify: .*NOTIFY_SOCKET/);
});

test('the unit leaves the service little to do harm with', limit, () => {
  const said = spawnSync('systemd-analyze', ['security', '--offline=true', 'deploy/weir.service'], { cwd: ROOT, encoding: 'utf8' });
  const level = Number(/exposure level for weir\.service: ([\d.]+)/.exec(said.stdout)?.[1]);
  assert.ok(level <= 2.0, said.stdout + said.stderr);
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', 'deploy/weir.service'], { cwd: ROOT, encoding: 'utf8' });
  const faults = verified.stderr.split('\n').filter((line) => line && !line.includes('/usr/bin/weir is not executable'));
  assert.deepEqual(faults, []);
});

test('with no more than the unit allows it receives, reads this machine, and keeps the past', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-service-`);
  // Nobody must get there, and to a program that may stand in a folder of somebody's.
  chmodSync(folder, 0o777);
  copyFileSync(PROGRAM, join(folder, 'weir'));
  const feeds = `[{listen: "udp://127.0.0.1:0", udp_gro: true}, {listen: "tcp://127.0.0.1:0"},
    {listen: "unixgram:${folder}/statsd.sock", format: statsd, mode: "0666"}, {host: {every: 1s}}]`;
  const settings = ['http.listen=127.0.0.1:0', `feeds=${feeds}`, `archive.path=${folder}/archive`];
  const begin = async () => {
    const weir = start(`${ROOT}/tests/e2e/confined.py`, [
      'deploy/weir.service', join(folder, 'weir'), 'serve', ...settings.flatMap((each) => ['--set', each]),
    ]);
    await until(() => `the start lines: ${weir.err}`, () => weir.out.includes('is running'));
    const address = (what) => new RegExp(`^event=listening what=${what} address=(.*)$`, 'm').exec(weir.out)[1];
    return { ...weir, child: weir.child, address, get log() { return weir.err; } };
  };
  const get = async (weir, path) => (await fetch(`http://${weir.address('http')}${path}`)).text();
  const send = (...args) => assert.equal(spawnSync(PROGRAM, ['send', ...args], { encoding: 'utf8' }).stderr, '');

  const weir = await begin();
  send('confined.udp', '1', '--to', `udp://${weir.address('udp/statsd')}`);
  send('confined.tcp', '1', '--to', `tcp://${weir.address('tcp/statsd')}`);
  send('confined.unix', '1', '--to', `unixgram:${folder}/statsd.sock`);
  send('confined.http', '1', '--to', `http://${weir.address('http')}`);
  const wanted = ['confined.udp', 'confined.tcp', 'confined.unix', 'confined.http', 'system.cpu.utilization',
    'system.memory.usage', 'system.network.connection.count', 'process.cpu.utilization'];
  await until('all metrics', async () => {
    const names = JSON.parse(await get(weir, '/api/v1/metrics?limit=1000')).items.map(({ name }) => name);
    return wanted.every((name) => names.includes(name));
  });
  const numbers = await get(weir, '/metrics');
  assert.match(numbers, /^weir_archive_on 1$/m);
  assert.match(numbers, /^weir_archive_degraded 0$/m);
  await until('a checkpoint', async () => !/^weir_archive_checkpoints_total 0$/m.test(await get(weir, '/metrics')));
  weir.child.kill('SIGTERM');
  assert.deepEqual(await weir.ended, { code: 0, signal: null });
  assert.doesNotMatch(weir.log, /level=error/);

  const again = await begin(); // what was kept is there
  const q = encodeURIComponent(JSON.stringify({ metric: 'confined.udp', window: '10s', stats: ['count'] }));
  const range = `/api/v1/query_range?q=${q}&start=${Date.now() - 600_000}&end=${Date.now()}`;
  await until('the past', async () => /confined|"c":\[\[\[.*1/.test(await get(again, range)));
  again.child.kill('SIGTERM');
  assert.equal((await again.ended).code, 0);
  rmSync(folder, { recursive: true });
});

after(endChildren);
