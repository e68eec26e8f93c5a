// What Prometheus and Grafana get with Weir: the alert rules, and each query of the dashboard before a real Prometheus.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endChildren, freePort, ROOT, start, startGateway, subscriber, until } from './gateway.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const board = JSON.parse(read('deploy/grafana/dashboards/weir.json'));
const panels = board.panels.filter(({ type }) => type !== 'row');

test('promtool agrees with the scrape configuration and the alert rules, and each rule is tested', { timeout: 60_000 }, () => {
  const promtool = (...args) => spawnSync('promtool', args, { cwd: join(ROOT, 'deploy/prometheus'), encoding: 'utf8' });
  const checked = promtool('check', 'config', 'prometheus.yml');
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  const tested = promtool('test', 'rules', 'alerts_test.yml');
  assert.equal(tested.status, 0, tested.stdout + tested.stderr);
  const cases = read('deploy/prometheus/alerts_test.yml');
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  assert.ok(alerts.length > 0);
  for (const name of alerts) {
    assert.match(cases, new RegExp(`alertname: ${name}\n`), `${name} is shown to fire`);
    assert.match(cases, new RegExp(`alertname: ${name}, .*exp_alerts: \\[\\]`), `${name} is shown to be silent`);
  }
});

test('the dashboard asks the data source that is provisioned, and every metric that rules ask for exists', { timeout: 60_000 }, async () => {
  const source = read('deploy/grafana/provisioning/datasources/prometheus.yml');
  const uid = /uid: (\S+)/.exec(source)[1];
  for (const panel of panels)
    for (const asker of [panel, ...panel.targets]) assert.equal(asker.datasource.uid, uid, panel.title);
  assert.match(read('docker-compose.yml'), new RegExp(/url: http:\/\/(\w+):9090/.exec(source)[1] + ':\n    image: prom/prometheus'));
  const folder = /path: (\S+)/.exec(read('deploy/grafana/provisioning/dashboards/weir.yml'))[1];
  assert.ok(read('docker-compose.yml').includes(`./deploy/grafana/dashboards:${folder}:ro`));

  const gateway = await startGateway();
  const page = await (await gateway.get('/metrics')).text();
  for (const [name] of read('deploy/prometheus/alerts.yml').matchAll(/\b(weir|process)_\w+/g))
    assert.match(page, new RegExp(`^# TYPE ${name} `, 'm'), name);
  await gateway.stop();
});

test('every query of the dashboard gets an answer from a Prometheus that scrapes a Weir', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-grafana-`);
  const gateway = await startGateway({ archive: join(folder, 'archive') });
  const peer = await subscriber(gateway.ws, [{ t: 'sub', id: 1, q: { metric: 'system.cpu.utilization' } }]);
  await peer.next('snap', (m) => m.t === 'snap');
  await gateway.statsd('a:1|c\nbad');
  const port = await freePort();
  const config = read('deploy/prometheus/prometheus.yml').replaceAll('5s', '1s').replace('weir:8080', gateway.http);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  writeFileSync(join(folder, 'alerts.yml'), read('deploy/prometheus/alerts.yml'));
  const prometheus = start('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  const ask = async (path, query) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}${query === undefined ? '' : `?query=${encodeURIComponent(query)}`}`).catch(() => null);
    return answer && (await answer.json());
  };
  // As Grafana replaces them: all instances, and four scrapes.
  const concrete = (query) => query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '4s');
  const queries = [
    ...panels.flatMap((panel) => panel.targets.map(({ expr }) => [panel.title, concrete(expr)])),
    ...board.annotations.list.map(({ name, expr }) => [name, concrete(expr).replace(' > 0', '')]),
  ];
  assert.ok(queries.length > 30);
  for (const [title, query] of queries) {
    let answer;
    await until(
      () => `${title}: ${query}: ${JSON.stringify(answer)}`,
      async () => {
        answer = await ask('query', query);
        assert.notEqual(answer?.status, 'error', `${title}: ${query}: ${answer?.error}`);
        return answer?.data.result.some(({ value }) => Number.isFinite(Number(value[1])));
      },
      { within: 60_000, every: 200 },
    );
  }
  const names = await ask('label/instance/values');
  assert.deepEqual(names.data, [gateway.http]);
  const rules = await ask('rules');
  assert.ok(rules.data.groups[0].rules.every(({ health, state }) => health !== 'err' && state !== 'firing'));
  peer.close();
  prometheus.child.kill('SIGTERM');
  await prometheus.ended;
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

after(endChildren);
