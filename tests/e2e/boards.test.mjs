// Saved dashboards, events that are posted, and what is answered about them, by the real program.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const document = (title) => JSON.stringify({ title, theme: 'mine', cards: [] }, null, 2);

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'boards-'));
});
after(async () => {
  endChildren();
  await rm(folder, { recursive: true });
});
const open = (set = [], rest = {}) => startGateway({ set: [`boards.path=${folder}/boards`, ...set], ...rest });
const put = (gateway, id, body, headers) =>
  gateway.get(`/api/v1/boards/${id}`, { method: 'PUT', body, headers: { ...JSON_TYPE, ...headers } });

test('a board outlives a restart, and of two editors the second is told', limit, async () => {
  const first = await open();
  const created = await put(first, 'checkout', document('Checkout'), { 'If-None-Match': '*' });
  assert.equal(created.status, 201);
  const tag = created.headers.get('etag');
  assert.match(tag, /^"[0-9a-f]{32}"$/);
  const mine = await put(first, 'checkout', document('Mine'), { 'If-Match': tag });
  assert.equal(mine.status, 204);
  const theirs = await put(first, 'checkout', document('Theirs'), { 'If-Match': tag });
  assert.equal(theirs.status, 412);
  assert.equal(theirs.headers.get('etag'), mine.headers.get('etag'));
  assert.deepEqual(await first.stop(), { code: 0, signal: null });

  const second = await open();
  const got = await second.get('/api/v1/boards/checkout');
  assert.equal(got.headers.get('etag'), mine.headers.get('etag'));
  assert.equal(await got.text(), document('Mine'));
  assert.equal(await readFile(`${folder}/boards/checkout.json`, 'utf8'), document('Mine'));
  const list = await (await second.get('/api/v1/boards')).json();
  assert.deepEqual(list.items.map(({ id, title }) => [id, title]), [['checkout', 'Mine']]);
  const gone = await second.get('/api/v1/boards/checkout', { method: 'DELETE', headers: { 'If-Match': '*' } });
  assert.equal(gone.status, 204);
  assert.deepEqual(await readdir(`${folder}/boards`), []);
  await second.stop();
});

test('a damaged board is skipped, counted, and named in the log once', limit, async () => {
  await writeFile(`${folder}/boards/torn.json`, '{"title":"to');
  const gateway = await open();
  assert.deepEqual((await (await gateway.get('/api/v1/boards')).json()).items, []);
  assert.equal(await gateway.metric('weir_boards_damaged'), 1);
  assert.equal(gateway.log.match(/board_skipped.*torn\.json/g).length, 1);
  await gateway.stop();
  await rm(`${folder}/boards/torn.json`);
});

test('without a folder no boards are kept, and that is said', limit, async () => {
  const gateway = await startGateway();
  const answer = await gateway.get('/api/v1/boards');
  assert.equal(answer.status, 404);
  assert.match((await answer.json()).error.msg, /boards\.path/);
  await gateway.stop();
});

test('with an archive boards are kept beside it', limit, async () => {
  const gateway = await startGateway({ archive: `${folder}/past` });
  assert.equal((await put(gateway, 'a', document('A'), { 'If-None-Match': '*' })).status, 201);
  assert.equal(await gateway.stop().then(({ code }) => code), 0);
  assert.equal(await readFile(`${folder}/past/boards/a.json`, 'utf8'), document('A'));
  const again = await startGateway({ archive: `${folder}/past` });
  assert.equal((await again.get('/api/v1/boards/a')).status, 200);
  await again.stop();
});

test('an event that is posted stands in the list a moment later', limit, async () => {
  const gateway = await startGateway();
  const time = Date.now() - 5_000;
  const event = { title: 'deploy checkout 2.14', text: 'a\nb', time, level: 'warning', host: 'web-1', tags: { service: 'a,b' } };
  const taken = await gateway.get('/api/v1/events', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(event) });
  assert.equal(taken.status, 201);
  assert.deepEqual(await taken.json(), { time, level: 'warning', title: event.title });
  const [item] = await until('the event', async () => {
    const { items } = await (await gateway.get('/api/v1/events')).json();
    return items.length > 0 && items;
  });
  for (const [name, value] of Object.entries(event)) assert.deepEqual(item[name], value, name);
  const foreign = await gateway.get('/api/v1/events', {
    method: 'POST', headers: { Origin: 'http://evil.example' }, body: JSON.stringify(event) });
  assert.equal(foreign.status, 403);
  await gateway.stop();
});

test('thresholds are given as they are configured', limit, async () => {
  const gateway = await startGateway({
    set: ['thresholds=[{metric: http.latency, stat: p99, warn: 200, crit: 5e2}, {metric: disk.free, stat: last, crit: 0.1, above: false}]'] });
  assert.deepEqual(await (await gateway.get('/api/v1/thresholds')).json(), { items: [
    { metric: 'http.latency', stat: 'p99', warn: 200, crit: 500, above: true },
    { metric: 'disk.free', stat: 'last', crit: 0.1, above: false }] });
  await gateway.stop();
});
