// The ingested series on /metrics, as Prometheus reads them, in both formats.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { endChildren, ENVIRONMENT, freePort, PROGRAM, start, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
const LINES = [
  'shop.orders:2|c|#region:eu-west-1',
  'shop.orders:3|c|#region:us-east-1',
  'shop.queue:41|g|#path:/a "quoted" \\ one',
  'shop.checkout:10|ms\nshop.checkout:20|ms\nshop.checkout:30|ms',
  'shop.visitors:ada|s\nshop.visitors:bob|s\nshop.visitors:ada|s',
];

async function shop(options = {}) {
  const gateway = await startGateway(options);
  for (const line of LINES) await gateway.statsd(line);
  gateway.page = async (accept = 'text/plain') => {
    const answer = await gateway.get('/metrics', { headers: { accept } });
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };
  await until('its series', async () => (await gateway.page()).text.includes('shop_visitors 2\n'));
  return gateway;
}

const promtool = (text) => {
  const said = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return (said.stdout + said.stderr).trim().split('\n').filter(Boolean);
};

/** A real Prometheus that scrapes `target` each second; `ask` gives the first value of a query. */
async function prometheus(target) {
  const folder = mkdtempSync(`${tmpdir()}/weir-prometheus-`);
  writeFileSync(
    `${folder}/prometheus.yml`,
    `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: weir, static_configs: [{targets: ["${target}"]}]}]\n`,
  );
  const port = await freePort();
  const program = start('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  const ask = async (query) => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = await fetch(url).then((response) => response.json()).catch(() => null);
    return answer?.data?.result?.[0]?.value?.[1];
  };
  const stop = async () => {
    program.child.kill('SIGTERM');
    await program.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { ask, stop, program };
}

test('every kind of series is on /metrics in the text format, and promtool finds nothing to say', limit, async () => {
  const gateway = await shop();
  const { type, text } = await gateway.page();
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  for (const line of [
    '# TYPE shop_orders_total counter',
    'shop_orders_total{region="eu-west-1"} 2',
    'shop_orders_total{region="us-east-1"} 3',
    'shop_queue{path="/a \\"quoted\\" \\\\ one"} 41',
    '# TYPE shop_checkout summary',
    'shop_checkout{quantile="0.5"} 20',
    'shop_checkout_sum 60',
    'shop_checkout_count 3',
    'shop_visitors 2',
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
  assert.ok(text.includes('\nsystem_cpu_utilization'), 'the host, too');
  assert.deepEqual(promtool(text), []);
  await gateway.stop();
});

test('OpenMetrics comes to who names it, ended and with units, and promtool misses only what it cannot know', limit, async () => {
  const gateway = await shop();
  const { type, text } = await gateway.page(OPEN_METRICS);
  assert.equal(type, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.ok(text.endsWith('\n# EOF\n'));
  for (const line of [
    '# TYPE shop_orders counter',
    'shop_orders_total{region="eu-west-1"} 2',
    '# UNIT process_cpu_seconds seconds',
    '# TYPE weir_ingest_lines counter',
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
  // It reads pages as the text format, in which a counter's help stands under its samples' name.
  const said = promtool(text).filter((line) => !/^\w+_total no help text$/.test(line));
  assert.deepEqual(said, []);
  for (const accept of ['*/*', 'application/openmetrics-text;version=9.0.0', 'application/openmetrics-text;q=0.1,text/plain'])
    assert.match((await gateway.page(accept)).type, /^text\/plain/, accept);
  await gateway.stop();
});

test('a real Prometheus scrapes the series as OpenMetrics and as text', { timeout: 120_000 }, async () => {
  const gateway = await shop({ set: ['metrics.timers=histogram', 'metrics.buckets=15,25'] });
  const asked = new Set();
  // Prometheus 2.42 asks for OpenMetrics wherever it can get it: this one stands between and asks for text.
  const plain = http.createServer((request, response) => {
    asked.add(request.headers.accept);
    const headers = { ...request.headers, host: gateway.http, accept: 'text/plain' };
    http.get(`${gateway.url}${request.url}`, { headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
  });
  await new Promise((listening) => plain.listen(0, '127.0.0.1', listening));
  for (const target of [gateway.http, `127.0.0.1:${plain.address().port}`]) {
    const server = await prometheus(target);
    await until('up', async () => (await server.ask('up{job="weir"}')) === '1', { within: 30_000, every: 200 });
    assert.equal(await server.ask('sum(shop_orders_total)'), '5', target);
    assert.equal(await server.ask('shop_queue'), '41');
    assert.equal(await server.ask('shop_visitors'), '2');
    assert.equal(await server.ask('shop_checkout_bucket{le=~"25(.0)?"}'), '2');
    assert.equal(await server.ask('shop_checkout_count'), '3');
    assert.equal(await server.ask('weir_build_info'), '1');
    assert.equal(server.program.err, '');
    await server.stop();
  }
  assert.match([...asked][0], /openmetrics/);
  plain.close();
  await gateway.stop();
});

test('a counter goes on through silence, and only who may see everything sees the series', limit, async () => {
  const hash = (token) =>
    spawnSync('sha256sum', { input: token, encoding: 'utf8' }).stdout.split(' ')[0];
  const readers = `[{name: all, hash: "sha256:${hash('all-token')}"}, {name: part, hash: "sha256:${hash('part-token')}", where: [["region", "=", "eu-west-1"]]}]`;
  const gateway = await startGateway({ set: [`auth.readers=${readers}`, 'metrics.ttl=10s'] });
  const page = async (token) =>
    (await gateway.get('/metrics', { headers: token ? { authorization: `Bearer ${token}` } : {} })).text();
  await gateway.statsd('shop.orders:2|c');
  await until('it', async () => (await page('all-token')).includes('\nshop_orders_total 2\n'));
  for (const token of [undefined, 'part-token', 'wrong'])
    assert.doesNotMatch(await page(token), /shop_orders/, token);
  await until('its silence', async () => !(await page('all-token')).includes('shop_orders'), { within: 20_000 });
  assert.match(await page('all-token'), /\nweir_exposition_left_out\{reason="silent"\} [1-9]/);
  await gateway.statsd('shop.orders:3|c');
  await until('the total', async () => (await page('all-token')).includes('\nshop_orders_total 5\n'));
  await gateway.stop();
});

test('metrics.series=off leaves the series out', limit, async () => {
  const gateway = await startGateway({ set: ['metrics.series=off'] });
  const text = await (await gateway.get('/metrics')).text();
  assert.match(text, /\nweir_build_info\{/);
  assert.doesNotMatch(text, /\nsystem_cpu/);
  await gateway.stop();
});

test('mapping rules name what they match, and SIGHUP reads them again', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-mapping-`);
  const config = `${folder}/weir.yaml`;
  const write = (rules) => writeFileSync(config, `metrics:\n  mapping:\n${rules}`);
  write('    - {match: "shop.*.took", name: "shop_seconds", labels: {step: "$1"}, scale: 0.001}\n    - {regex: "debug.*", action: drop}\n');
  const gateway = await startGateway({ config });
  const page = async () => (await gateway.get('/metrics')).text();
  await gateway.statsd('shop.pay.took:250|ms\ndebug.noise:1|c\nother:1|c');
  await until('them', async () => (await page()).includes('\nother_total 1\n'));
  assert.match(await page(), /\nshop_seconds_sum\{step="pay"\} 0\.25\n/);
  assert.doesNotMatch(await page(), /noise/);
  await gateway.statsd('a.b:1|c\na_b:1|c');
  await until('a clash', async () => (await page()).includes('weir_metric='));
  const { exposition } = await (await gateway.get('/api/v1/status')).json();
  assert.ok(exposition.series > 2 && exposition.families > 2, JSON.stringify(exposition));
  assert.deepEqual(exposition.left_out, { limit: 0, rule: 1, silent: 0 });
  assert.deepEqual(exposition.clashes, { name: 0, labels: 1 });
  write('    - {match: "shop.*.took", name: "$2"}\n');
  gateway.child.kill('SIGHUP');
  await until('the refusal', () => gateway.log.includes('access_kept'));
  assert.match(await page(), /\nshop_seconds_sum/);
  write('    - {match: "shop.*.took", name: "paid", timers: histogram, buckets: [100, 300]}\n');
  gateway.child.kill('SIGHUP');
  await until('the new names', async () => (await page()).includes('\npaid_bucket{le="300"} '));
  assert.match(gateway.log, /settings_reloaded/);
  assert.doesNotMatch(await page(), /shop_seconds/);
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

test('import-mapping turns a file of statsd_exporter into a configuration that serves its names', limit, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-mapping-`);
  writeFileSync(
    `${folder}/statsd_exporter.yml`,
    'defaults: {observer_type: histogram, buckets: [0.1, 0.5]}\nmappings:\n' +
      '- {match: "shop.*.took", name: shop_seconds, labels: {step: "$1"}}\n',
  );
  const weir = (...args) => spawnSync(PROGRAM, args, { cwd: folder, env: ENVIRONMENT, encoding: 'utf8' });
  const made = weir('import-mapping', 'statsd_exporter.yml');
  assert.equal(made.status, 0, made.stderr);
  writeFileSync(`${folder}/weir.yaml`, made.stdout);
  assert.equal(weir('check', 'weir.yaml').status, 0);
  const gateway = await startGateway({ config: `${folder}/weir.yaml` });
  await gateway.statsd('shop.pay.took:250|ms\nhits.seen:2|c');
  const page = async () => (await gateway.get('/metrics')).text();
  await until('them', async () => (await page()).includes('\nhits_seen 2\n'));
  assert.match(await page(), /\nshop_seconds_bucket\{step="pay",le="0\.5"\} 1\n/);
  assert.match(await page(), /\nshop_seconds_bucket\{step="pay",le="0\.1"\} 0\n/);
  await gateway.stop();
  writeFileSync(`${folder}/lossy.yml`, 'mappings:\n- match: a\n  name: a\n  later: 1\n');
  const lossy = weir('import-mapping', 'lossy.yml');
  assert.equal(lossy.status, 1);
  assert.equal(lossy.stderr, 'lossy.yml:4: later: is unknown\n');
  assert.match(lossy.stdout, /\{match: "a", name: "a"\}/);
  assert.equal(weir('import-mapping', 'none.yml').status, 2);
  rmSync(folder, { recursive: true });
});

after(endChildren);
