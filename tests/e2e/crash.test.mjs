// A gateway that is killed 50 times under load, beside one that never is and gets the same input. Each kill may lose what
// came after the last checkpoint and nothing else; each orderly end loses nothing; nothing counts twice.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, ENVIRONMENT, PROGRAM, start, startGateway, subscriber, until } from './gateway.mjs';

const KILLS = 50;
const CHECKPOINT = 100; // ms
// What a machine with other work may add to an interval: the hand-over, the write and the sync.
const SLACK = 1000;
const set = ['workers=2', 'time.tick=50ms', `archive.checkpoint=${CHECKPOINT}ms`];
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-crash-'));
});
after(async () => {
  endChildren();
  await rm(folder, { recursive: true, force: true });
});

/** A counter, a timer, a gauge that changes and a set of one run; whole numbers, so that sums have no order. */
const lines = (run, i) =>
  [`load.count:1|c|#run:${run}`, `load.ms:${(i * 37) % 101}|ms|#run:${run}`, `load.gauge:+1|g|#run:${run}`,
    `load.set:${i}|s|#run:${run}`].join('\n');

/** The status; nothing when the gateway died meanwhile. */
async function post(gateway, body, query = '') {
  try {
    const answer = await gateway.get(`/api/v1/write?format=statsd${query}`, { method: 'POST', body });
    return answer.status;
  } catch {
    return undefined;
  }
}

/** What a query over all of the time says, by run. */
async function totals(gateway, metric, stats) {
  const peer = await subscriber(gateway.ws, [
    { t: 'sub', id: 1, q: { metric, by: ['run'], window: '10m', slide: '1s', stats }, rate: '1s' }]);
  const subd = await peer.next('subd', (m) => m.t === 'subd' || m.t === 'err');
  assert.equal(subd.t, 'subd', JSON.stringify(subd));
  const snap = await peer.next('snap', (m) => m.t === 'snap');
  peer.close();
  const at = subd.by.indexOf('run');
  return new Map(snap.k.map((key, row) =>
    [Number(key[at]), Object.fromEntries(subd.fields.map((field, column) => [field, snap.c[column][row]]))]));
}

test(`of ${KILLS} kills each loses at most a checkpoint, and an orderly end nothing`, { timeout: 590_000 }, async () => {
  const steady = await startGateway({ set, feeds: '[]' });
  let gateway = await startGateway({ set, feeds: '[]', archive: join(folder, 'load') });
  const runs = [];
  for (let run = 0; run < KILLS + 5; ++run) {
    const orderly = run % 11 === 10;
    const told = []; // when each was answered
    const killed = 12 + ((run * 7) % 9);
    let sent = 0;
    while (sent < killed) {
      const body = lines(run, sent);
      ++sent;
      const [status] = await Promise.all([post(gateway, body), post(steady, body)]);
      assert.equal(status, 204);
      told.push(performance.now());
    }
    const at = performance.now();
    const last = orderly ? undefined : Promise.all([post(gateway, lines(run, sent)), post(steady, lines(run, sent))]);
    await gateway.stop(orderly ? 'SIGTERM' : 'SIGKILL');
    await last;
    const least = orderly ? sent : told.filter((time) => time < at - CHECKPOINT - SLACK).length;
    runs.push({ run, orderly, least, most: orderly ? sent : sent + 1 });
    gateway = await startGateway({ set, feeds: '[]', archive: join(folder, 'load') });
  }
  // What came last is in a window with the next tick.
  const all = runs.reduce((sum, { most }) => sum + most, 0);
  await until('all that was sent', async () =>
    [...(await totals(steady, 'load.count', ['sum'])).values()].reduce((sum, row) => sum + row.sum, 0) === all);
  for (const [metric, stats] of [['load.count', ['sum']], ['load.ms', ['count', 'sum', 'p50', 'p99', 'max']],
    ['load.gauge', ['last']], ['load.set', ['distinct']]]) {
    const mine = await totals(gateway, metric, stats);
    const whole = await totals(steady, metric, stats);
    for (const { run, orderly, least, most } of runs) {
      const count = (row) => row?.sum !== undefined && metric === 'load.count' ? row.sum : row?.count ?? row?.last ?? row?.distinct ?? 0;
      if (orderly) assert.deepEqual(mine.get(run), whole.get(run), `${metric} of run ${run}`);
      assert.ok(count(mine.get(run)) >= least && count(mine.get(run)) <= most,
        `${metric} of run ${run}: ${count(mine.get(run))}, at least ${least}, at most ${most}`);
    }
  }
  assert.equal(await gateway.metric('weir_archive_damaged_bytes_total'), 0);
  await gateway.stop();
  await steady.stop();
});

test('what ack=durable said survives the kill that follows', { timeout: 60_000 }, async () => {
  const archive = join(folder, 'durable');
  let gateway = await startGateway({ set, feeds: '[]', archive });
  for (let run = 0; run < 5; ++run) {
    assert.equal(await post(gateway, `sure:1|c|#run:${run}`, '&ack=durable'), 204);
    await gateway.stop('SIGKILL');
    gateway = await startGateway({ set, feeds: '[]', archive });
  }
  const sure = await totals(gateway, 'sure', ['sum']);
  assert.deepEqual([...sure.values()].map((row) => row.sum), [1, 1, 1, 1, 1]);
  await gateway.stop();
});

test('without an archive ack=durable says so', { timeout: 60_000 }, async () => {
  const gateway = await startGateway({ feeds: '[]' });
  assert.equal(await post(gateway, 'sure:1|c', '&ack=durable'), 409);
  await gateway.stop();
});

test('a disk that is away is told on /readyz and to who wanted it durable', { timeout: 60_000 }, async () => {
  const archive = join(folder, 'in-the-way');
  await writeFile(archive, 'a file');
  const gateway = await startGateway({ set, feeds: '[]', archive });
  assert.match(gateway.log, /event=archive_degraded/);
  assert.equal(await post(gateway, 'sure:1|c', '&ack=durable'), 503);
  const page = await until('ready', async () => {
    const answer = await gateway.get('/readyz');
    return answer.status === 200 && answer.text();
  });
  assert.match(page, /archive: the disk cannot be written/);
  assert.equal(await gateway.metric('weir_archive_degraded'), 1);
  await rm(archive);
  await until('the disk again', async () => (await post(gateway, 'sure:1|c', '&ack=durable')) === 204);
  assert.match(await (await gateway.get('/readyz')).text(), /^ready\n$/);
  assert.match(gateway.log, /event=archive_recovered/);
  await gateway.stop();
});

test('an archive in use ends the second start with its path', { timeout: 60_000 }, async () => {
  const archive = join(folder, 'shared');
  const gateway = await startGateway({ set, feeds: '[]', archive });
  const second = start(PROGRAM, ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]',
    '--set', `archive.path=${archive}`], { env: ENVIRONMENT });
  assert.deepEqual(await second.ended, { code: 1, signal: null });
  assert.ok(second.err.includes(archive), second.err);
  await gateway.stop();
});
