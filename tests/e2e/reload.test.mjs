// SIGHUP: what a running Weir takes over of its file, what it says of the rest, and how its log looks.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { endChildren, startGateway, until } from './gateway.mjs';

const folder = mkdtempSync(`${tmpdir()}/weir-reload-`);
const file = path.join(folder, 'weir.yaml');
after(() => rmSync(folder, { recursive: true }));
after(endChildren);

/** The file: who asks without a token from this machine is not counted. */
const write = (text) => {
  const hash = createHash('sha256').update('me').digest('hex');
  writeFileSync(`${file}.new`, `${text}auth: {readers: [{name: me, hash: "sha256:${hash}"}]}\n`);
  renameSync(`${file}.new`, file); // no reload meets half of it
};
const lines = (gateway) => gateway.log.split('\n').filter(Boolean);
const question = (gateway) => gateway.get('/api/v1/query?metric=system.load1&window=10s&stats=last', { headers: { Authorization: 'Bearer me' } }).then(({ status }) => status);

test('limits and levels change while it runs, and what cannot change is named', { timeout: 60_000 }, async () => {
  write('limits: {questions_per_second: off}\n');
  const gateway = await startGateway({ config: file });
  for (let i = 0; i < 30; i += 1) assert.equal(await question(gateway), 200);

  write('limits: {questions_per_second: 1, series: 7000}\ntime: {pane: 500ms}\nlog: {rooms: [server=error]}\n');
  process.kill(gateway.pid, 'SIGHUP');
  await until('what was taken over', () => gateway.log.includes('event=settings_reloaded keys=limits.questions_per_second,log.rooms\n'));
  const kept = lines(gateway).filter((line) => line.includes('event=setting_kept'));
  assert.deepEqual(kept.map((line) => /key=(\S+)/.exec(line)[1]), ['time.pane', 'limits.series']);
  await until('a refusal', async () => (await question(gateway)) === 429, { every: 5 });

  // A file that is wrong changes nothing, and says where.
  write('limits: {questions_per_second: off}\nlog: {level: loud}\n');
  process.kill(gateway.pid, 'SIGHUP');
  await until('the fault', () => gateway.log.includes('weir.yaml:2: log.level'));
  await until('a refusal still', async () => (await question(gateway)) === 429, { every: 5 });

  // A level above warnings: the next kept key is not told any more.
  write('log: {level: error}\n');
  process.kill(gateway.pid, 'SIGHUP');
  await until('no more refusals', async () => (await question(gateway)) !== 429);
  const told = lines(gateway).length;
  write('limits: {questions_per_second: 1}\nlog: {level: error}\nworkers: 7\n');
  process.kill(gateway.pid, 'SIGHUP');
  await until('refusals again', async () => (await question(gateway)) === 429, { every: 5 });
  write('log: {level: loud}\n');
  process.kill(gateway.pid, 'SIGHUP');
  await until('the error', () => lines(gateway).length > told);
  assert.deepEqual(lines(gateway).slice(told).map((line) => /level=(\w+)/.exec(line)[1]).filter((level) => level !== 'error'), []);
  assert.equal((await gateway.stop()).code, 0);
});

test('a log as JSON is an object a line, with time, level, room and event', { timeout: 60_000 }, async () => {
  const gateway = await startGateway({ set: ['log.format=json', 'log.level=debug'] });
  // A page of another origin is told no, and the log says which key to set.
  await gateway.get('/api/v1/events', { method: 'POST', headers: { Origin: 'https://elsewhere.example' }, body: '{}' });
  assert.equal((await gateway.stop()).code, 0);
  const objects = lines(gateway).map((line) => JSON.parse(line));
  for (const { time, level, event } of objects) {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    assert.match(level, /^(debug|info|warn|error)$/);
    assert.match(event, /^[a-z_]+$/);
  }
  assert.deepEqual(objects.map(({ event }) => event).slice(-2), ['draining', 'stopped']);
  assert.ok(objects.some((one) => one.room === 'server' && one['http.origins'] === 'https://elsewhere.example'), gateway.log);
});
