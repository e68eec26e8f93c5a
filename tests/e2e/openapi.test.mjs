// The document of the API, held to what the running server really answers: every path and method of it is asked, and
// each answer has a status, a type and a body that the document knows.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, ROOT, startGateway, until } from './gateway.mjs';

const Ajv = createRequire(`${ROOT}/dashboard/package.json`)('ajv/dist/2020').default;
const limit = { timeout: 60_000 };

let folder;
let gateway;
let api;
let ajv;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  gateway = await startGateway({ set: [`boards.path=${folder}`] });
  api = await (await gateway.get('/api/v1/openapi.json')).json();
  ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(api, 'api');
  await gateway.statsd('orders:3|c|#env:prod\norders:7|ms|#env:prod\nusers:ada|s\n_e{6,2}:deploy|v2|#env:prod');
  await gateway.statsd('_sc|db.up|2|h:db-1|m:no answer');
  await until('the metrics', async () => (await (await gateway.get('/api/v1/metrics?match=orders')).json()).items.length === 2);
});
after(async () => {
  await gateway?.stop();
  endChildren();
  await rm(folder, { recursive: true });
});

/** References of a part of the document lead into the document. */
const rooted = (part) =>
  JSON.parse(JSON.stringify(part), (key, value) => (key === '$ref' ? value.replace(/^#/, 'api#') : value));
const resolved = (part) =>
  part?.$ref ? part.$ref.split('/').slice(1).reduce((at, name) => at[name], api) : part;

const start = Date.now() - 60_000;
const query = JSON.stringify({ metric: 'orders', by: ['env'], stats: ['count', 'p99', 'buckets'], window: '10s' });
const q = encodeURIComponent(query);
const board = JSON.stringify({ title: 'Checkout', cards: [
  { x: 0, y: 0, w: 6, h: 3, metric: 'orders', stat: 'p99', kind: 'line', threshold: { warn: 200 } }] });
/** One request at least for each operation, and what is expected of it. */
const asked = [
  ['get', '/api/v1/metrics', '', 200],
  ['get', '/api/v1/metrics', '?limit=1', 200],
  ['get', '/api/v1/metrics', '?limit=0', 400],
  ['get', '/api/v1/tags', '?metric=orders', 200],
  ['get', '/api/v1/tags', '', 400],
  ['get', '/api/v1/series', '', 200],
  ['get', '/api/v1/series', '?metric=or*&limit=1&where=[["env","=","prod"]]', 200],
  ['get', '/api/v1/series', '?where=x', 400],
  ['get', '/api/v1/query', `?q=${q}`, 200],
  ['get', '/api/v1/query', '?metric=**&stats=count,last&window=10s', 200],
  ['get', '/api/v1/query', '?metric=', 400],
  ['post', '/api/v1/query', '', 200, query],
  ['get', '/api/v1/query_range', `?q=${q}&start=${start}&step=10s`, 200],
  ['get', '/api/v1/query_range', `?q=${q}`, 400],
  ['post', '/api/v1/query_range', `?start=${start}`, 200, query],
  ['get', '/api/v1/events', '', 200],
  ['get', '/api/v1/events', '?since=-1', 400],
  ['post', '/api/v1/events', '', 201, '{"title":"deploy","level":"success","tags":{"env":"prod"}}'],
  ['post', '/api/v1/events', '', 400, '{"title":""}'],
  ['get', '/api/v1/checks', '', 200],
  ['get', '/api/v1/explain', `?metric=orders&start=${start}&low=5&where=[["env","=","prod"]]`, 200],
  ['get', '/api/v1/explain', '?metric=orders', 400],
  ['get', '/api/v1/unusual', '?limit=5', 200],
  ['get', '/api/v1/unusual', '?limit=0', 400],
  ['get', '/api/v1/thresholds', '', 200],
  ['get', '/api/v1/boards', '', 200],
  ['put', '/api/v1/boards/{id}', '', 428, board],
  ['put', '/api/v1/boards/{id}', '', 400, '{"title":"x"}', { 'If-None-Match': '*' }],
  ['put', '/api/v1/boards/{id}', '', 201, board, { 'If-None-Match': '*' }],
  ['put', '/api/v1/boards/{id}', '', 412, board, { 'If-None-Match': '*' }],
  ['put', '/api/v1/boards/{id}', '', 204, board, { 'If-Match': '*' }],
  ['get', '/api/v1/boards/{id}', '', 200],
  ['delete', '/api/v1/boards/{id}', '', 204, undefined, { 'If-Match': '*' }],
  ['get', '/api/v1/boards/{id}', '', 404],
  ['get', '/api/v1/status', '', 200],
  ['get', '/api/v1/rejected', '', 200],
  ['post', '/api/v1/demo', '', 200],
  ['delete', '/api/v1/demo', '', 200],
  ['get', '/api/v1/openapi.json', '', 200],
  ['post', '/api/v1/session', '', 401, '{"token":"nobody"}'],
  ['get', '/api/v1/session', '', 200],
  ['delete', '/api/v1/session', '', 204],
  ['post', '/api/v1/ticket', '', 200],
  ['get', '/metrics', '', 200],
  ['get', '/healthz', '', 200],
  ['get', '/readyz', '', 200],
  ['get', '/pages/{file}', '', 404],
  ['post', '/api/v1/write', '?format=statsd', 204, 'a:1|c'],
  ['post', '/api/v1/write', '?format=statsd', 400, 'garbage'],
  ['post', '/write', '', 204, 'cpu,host=a usage=1'],
  ['post', '/api/v2/write', '', 204, 'cpu,host=a usage=1'],
  ['get', '/query', '?q=SHOW%20DATABASES', 200],
  ['post', '/query', '?q=SHOW%20DATABASES', 200],
  ['get', '/ping', '', 204],
  ['get', '/health', '', 200],
  ['get', '/v1/ws', '', 426],
  ['get', '/v1/stream', '', 400],
];

for (const [method, path, rest, status, body, headers] of asked) {
  test(`${method} ${path}${rest.slice(0, 40)} answers ${status} as the document says`, limit, async () => {
    const response = await gateway.get(path.replace('{file}', 'none.html').replace('{id}', 'orders') + rest, {
      method: method.toUpperCase(), body, headers });
    const text = await response.text();
    assert.equal(response.status, status, text);
    const { responses } = api.paths[path][method];
    const said = resolved(responses[status] ?? responses.default);
    assert.ok(said, 'the document knows no such status');
    if (!said.content) return;
    const type = response.headers.get('content-type').split(';')[0];
    assert.ok(said.content[type], `the document does not know ${type}`);
    if (type !== 'application/json') return;
    const fits = ajv.compile(rooted(said.content[type].schema));
    assert.ok(fits(JSON.parse(text)), `${JSON.stringify(fits.errors)}\n${text}`);
  });
}

test('every operation of the document is asked here', limit, () => {
  const operations = Object.entries(api.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
  const missing = operations.filter((one) => !asked.some(([method, path]) => one === `${method} ${path}`));
  assert.deepEqual(missing, []);
});
