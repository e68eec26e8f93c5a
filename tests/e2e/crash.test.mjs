// Gateways that are killed under load, 50 times in all, beside one that never is. A kill may lose what came after the last
// checkpoint, from a moment on, and nothing else: what is left is exactly what an uninterrupted gateway makes of the
// input up to that moment. An orderly end loses nothing; nothing counts twice.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, ENVIRONMENT, PROGRAM, start, startGateway, subscriber, until } from './gateway.mjs';

const HOUSES = 5; // at a time
const KILLS = 10; // of each
const CHECKPOINT = 100; // ms
// What a machine with other work may add to an interval: the hand-over, the write and the sync.
const SLACK = 900;
const set = ['workers=2', 'time.tick=50ms', `archive.checkpoint=${CHECKPOINT}ms`];
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-crash-'));
});
after(async () => {
  endChildren();
  await rm(folder, { recursive: true, force: true });
});

/** By metric its line number `i`, what tells how many there were, and all that is compared: whole numbers, so that sums
 * have no order. */
const LOAD = {
  'load.count': { line: () => '1|c', n: 'sum', stats: ['sum', 'count'] },
  'load.ms': { line: (i) => `${(i * 37) % 101}|ms`, n: 'count',
    stats: ['count', 'sum', 'mean', 'min', 'max', 'p10', 'p50', 'p90', 'p99', 'buckets'] },
  'load.gauge': { line: () => '+1|g', n: 'last', stats: ['last'] },
  'load.level': { line: (i) => `${(i * 37) % 101}|g`, n: 'count', stats: ['count', 'first', 'last', 'min', 'max', 'mean'] },
  'load.set': { line: (i) => `${i}|s`, n: 'distinct', stats: ['distinct'] },
};
const METRICS = Object.keys(LOAD);
const lineOf = (metric, run, i) => `${metric}:${LOAD[metric].line(i)}|#run:${run}`;
const linesOf = (run, i) => METRICS.map((metric) => lineOf(metric, run, i)).join('\n');

/** The status; nothing when the gateway died meanwhile. */
async function post(gateway, body, query = '', batch = undefined) {
  try {
    const headers = batch === undefined ? {} : { 'Weir-Batch-Id': batch };
    const answer = await gateway.get(`/api/v1/write?format=statsd${query}`, { method: 'POST', body, headers });
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
    [key[at], Object.fromEntries(subd.fields.map((field, column) => [field, snap.c[column][row]]))]));
}

/**
 * Posts numbered samples every 8 ms (sets are exact to 256) for `period` ms and kills the gateway meanwhile; an orderly end waits for the
 * last answer. How many came for certain before the last checkpoint, and how many were sent at all.
 */
async function loadAndEnd(gateway, run, period, signal) {
  const begun = performance.now();
  const told = []; // when each was answered
  let last;
  while (performance.now() < begun + period) {
    const sent = performance.now();
    assert.equal(await post(gateway, linesOf(run, told.length)), 204);
    told.push(performance.now());
    await new Promise((soon) => setTimeout(soon, sent + 8 - performance.now()));
  }
  if (signal === 'SIGKILL') last = post(gateway, linesOf(run, told.length));
  const at = performance.now();
  await gateway.stop(signal);
  await last;
  if (signal !== 'SIGKILL') return { run, least: told.length, most: told.length };
  return { run, least: told.filter((time) => time < at - CHECKPOINT - SLACK).length, most: told.length + 1 };
}

/** The runs of one archive that is opened again and again, and what is left of them at the end, by metric and run. */
async function live(house) {
  const all = { set, feeds: '[]', archive: join(folder, `load-${house}`) };
  const runs = [];
  for (let n = 0; n <= KILLS; ++n) {
    const period = CHECKPOINT + SLACK + 400 + ((n * HOUSES + house) * 37) % 200; // ends anywhere in an interval
    const signal = n === KILLS / 2 ? 'SIGTERM' : 'SIGKILL';
    runs.push(await loadAndEnd(await startGateway(all), `${house}-${n}`, period, signal));
  }
  const gateway = await startGateway(all);
  const left = {};
  for (const metric of METRICS) left[metric] = await totals(gateway, metric, LOAD[metric].stats);
  assert.equal(await gateway.metric('weir_archive_damaged_bytes_total'), 0);
  await gateway.stop();
  return { runs, left };
}

test(`of ${HOUSES * KILLS} kills each loses at most a checkpoint, and an orderly end nothing`, { timeout: 300_000 }, async () => {
  const houses = await Promise.all(Array.from({ length: HOUSES }, (_, house) => live(house)));
  const steady = await startGateway({ set, feeds: '[]' });
  for (const metric of METRICS) {
    const { n, stats } = LOAD[metric];
    const left = new Map(houses.flatMap((house) => [...house.left[metric]]));
    const kept = (run) => left.get(run)?.[n] ?? 0;
    const lines = [];
    for (const { run, least, most } of houses.flatMap(({ runs }) => runs)) {
      assert.ok(kept(run) >= least && kept(run) <= most, `${metric} of ${run}: ${kept(run)} of ${least} to ${most}`);
      for (let i = 0; i < kept(run); ++i) lines.push(lineOf(metric, run, i));
    }
    for (let i = 0; i < lines.length; i += 5_000) assert.equal(await post(steady, lines.slice(i, i + 5_000).join('\n')), 204);
    let whole;
    await until(`all of ${metric}`, async () => {
      whole = await totals(steady, metric, stats);
      return whole.size === left.size && [...whole].every(([run, row]) => row[n] === kept(run));
    });
    for (const [run, row] of whole) assert.deepEqual(left.get(run), row, `${metric} of ${run}`);
  }
  // The lower bound is one: much came a checkpoint before its kill.
  const sure = houses.flatMap(({ runs }) => runs).map(({ least }) => least);
  assert.ok(sure.reduce((sum, least) => sum + least, 0) > 10 * sure.length, `${sure}`);
  await steady.stop();
});

test('what no checkpoint has seen is lost with a kill: the bound above is its doing', { timeout: 60_000 }, async () => {
  const all = { set: [...set, 'archive.checkpoint=60s'], feeds: '[]', archive: join(folder, 'never') };
  const { least } = await loadAndEnd(await startGateway(all), 'only', CHECKPOINT + SLACK + 600, 'SIGKILL');
  const gateway = await startGateway(all);
  const left = await totals(gateway, 'load.count', ['sum']);
  assert.ok(least > 0 && (left.get('only')?.sum ?? 0) < least, `${left.get('only')?.sum} of ${least}`);
  await gateway.stop();
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

/** The sums of `metric` by run, once they are `wanted` in all, or are seen not to change any more. */
async function sums(gateway, metric, wanted) {
  let last;
  await until(`${wanted} of ${metric}`, async () => {
    last = new Map([...(await totals(gateway, metric, ['sum']))].map(([run, row]) => [run, row.sum]));
    return [...last.values()].reduce((all, sum) => all + sum, 0) >= wanted;
  });
  return last;
}

test('a batch that is on disk counts once when it is sent again after a kill', { timeout: 120_000 }, async () => {
  const archive = join(folder, 'batches');
  const all = { set, feeds: '[]', archive };
  let gateway = await startGateway(all);
  for (let run = 0; run < 6; ++run) {
    const body = `once:1|c|#run:${run}`;
    const orderly = run % 3 === 2; // then what was only received is on disk, too
    assert.equal(await post(gateway, body, orderly ? '' : '&ack=durable', `batch-${run}`), 204);
    await gateway.stop(orderly ? 'SIGTERM' : 'SIGKILL');
    gateway = await startGateway(all);
    for (const query of ['', '&ack=durable']) assert.equal(await post(gateway, body, query, `batch-${run}`), 204);
  }
  assert.equal(await post(gateway, 'once:1|c|#run:6', '&ack=durable', 'batch-6'), 204);
  assert.deepEqual([...(await sums(gateway, 'once', 7)).entries()].sort(), [0, 1, 2, 3, 4, 5, 6].map((run) => [`${run}`, 1]));
  assert.ok((await gateway.metric('weir_http_batches')) >= 7);
  await gateway.stop();
});

test('a batch that a kill interrupts counts once when it is sent again, or its retry says that nobody knows', {
  timeout: 120_000,
}, async () => {
  const all = { set, feeds: '[]', archive: join(folder, 'torn') };
  let gateway = await startGateway(all);
  const sure = [];
  for (let run = 0; run < 12; ++run) {
    const body = Array.from({ length: 50 }, (_, i) => `torn:1|c|#run:${run},i:${i}`).join('\n');
    const first = post(gateway, body, run % 2 ? '&ack=durable' : '', `torn-${run}`);
    await new Promise((soon) => setTimeout(soon, (run * 17) % CHECKPOINT));
    await gateway.stop('SIGKILL');
    await first;
    gateway = await startGateway(all);
    const again = await post(gateway, body, '&ack=durable', `torn-${run}`);
    assert.ok(again === 204 || again === 409, `${again}`);
    if (again === 204) sure.push(run);
  }
  const seen = await sums(gateway, 'torn', sure.length * 50);
  for (const [run, sum] of seen) assert.ok(sum <= 50 && (sum === 50 || !sure.includes(Number(run))), `run ${run}: ${sum}`);
  for (const run of sure) assert.equal(seen.get(`${run}`), 50);
  await gateway.stop();
});

test('with time.clock event what was said to be durable is, though the samples are old and time stands', {
  timeout: 60_000,
}, async () => {
  const archive = join(folder, 'event');
  const all = { set: [...set, 'time.clock=event'], feeds: '[]', archive };
  let gateway = await startGateway(all);
  const then = 1_700_000_000;
  const query = '/api/v1/query?metric=old&window=1s&slide=1s&stats=sum';
  for (let run = 1; run <= 2; ++run) {
    assert.equal(await post(gateway, `old:1|c|T${then}`, '&ack=durable'), 204);
    await gateway.stop('SIGKILL');
    gateway = await startGateway(all);
  }
  // Time goes on with a sample that closes the second.
  assert.equal(await post(gateway, `other:1|c|T${then + 60}`), 204);
  const range = `/api/v1/query_range?metric=old&window=1s&slide=1s&stats=sum&start=${then * 1000}&end=${(then + 2) * 1000}`;
  await until(query, async () => {
    const answer = await (await gateway.get(range)).json();
    return answer.c?.[0]?.[0]?.includes(2);
  });
  await gateway.stop();
});

/** What the past was, by the time of each point that has a value. */
async function past(gateway, start, end) {
  const fields = 'count,sum,min,max,p50,p99';
  const asked = new URLSearchParams({ metric: 'past.t', by: 'run', window: '1s', slide: '1s', stats: fields, start, end });
  const answer = await (await gateway.get(`/api/v1/query_range?${asked}`)).json();
  const points = {};
  answer.k?.forEach((key, row) => answer.ts.forEach((time, at) => {
    if (answer.c[0][row][at]) points[`${key} ${time}`] = answer.c.map((field) => field[row][at]);
  }));
  return points;
}

test('a restart gives the past that was there, after SIGTERM and after a kill', { timeout: 120_000 }, async () => {
  const all = { set, feeds: '[]', archive: join(folder, 'past') };
  const start = Date.now() - 2_000;
  let gateway = await startGateway(all);
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM']) {
    for (let i = 0; i < 20; ++i) {
      const body = Array.from({ length: 10 }, (_, n) => `past.t:${i * n + 1}|ms|#run:${n % 2}`).join('\n');
      assert.equal(await post(gateway, body, i === 19 ? '&ack=durable' : ''), 204);
    }
    const end = Date.now() + 1_000;
    const before = await until('the panes to close', async () => {
      const points = await past(gateway, start, end);
      const again = Date.now() > end + 4_000 && points;
      return again;
    });
    assert.ok(Object.keys(before).length > 0);
    await gateway.stop(signal);
    gateway = await startGateway(all);
    assert.deepEqual(await past(gateway, start, end), before, signal);
  }
  await gateway.stop();
});

/** As a person starts it, with a home of its own. */
async function startAtHome(home) {
  const { WEIR_ARCHIVE_PATH: _, STATE_DIRECTORY: __, ...environment } = ENVIRONMENT;
  const program = start(PROGRAM, ['serve', '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[]'],
    { env: { ...environment, HOME: home } });
  await until('the start lines', () => program.out.includes('is running'));
  const url = `http://${/what=http address=(.*)$/m.exec(program.out)[1]}`;
  return {
    program,
    get: (path, options) => fetch(url + path, options),
    async stop() {
      program.child.kill('SIGTERM');
      return program.ended;
    },
  };
}

test('with no configuration the past is in the home folder, and survives a restart', { timeout: 60_000 }, async () => {
  const home = join(folder, 'home');
  let weir = await startAtHome(home);
  assert.equal(await post(weir, 'at.home:1|c', '&ack=durable'), 204);
  assert.equal((await weir.stop()).code, 0);
  weir = await startAtHome(home);
  const range = `/api/v1/query_range?metric=at.home&window=1s&slide=1s&stats=sum&start=${Date.now() - 60_000}`;
  await until('the past', async () => (await (await weir.get(range)).json()).c?.[0]?.[0]?.includes(1));
  assert.equal((await weir.stop()).code, 0);
});

test('a home folder that cannot be written keeps the past in memory, and says so once', { timeout: 60_000 }, async () => {
  const home = join(folder, 'no-home');
  await writeFile(home, 'a file');
  const weir = await startAtHome(home);
  assert.equal(weir.program.err.match(/event=archive_degraded/g)?.length, 1, weir.program.err);
  assert.equal(await post(weir, 'at.home:1|c'), 204);
  await until('the mark', async () => /archive/.test(await (await weir.get('/readyz')).text()));
  assert.equal((await weir.stop()).code, 0);
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
  assert.equal(await post(gateway, 'sure:1|c', '&ack=durable'), 503); // and none of it counts
  assert.equal(await post(gateway, 'sure:1|c'), 204);
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
