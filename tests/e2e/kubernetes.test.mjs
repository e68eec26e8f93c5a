// The manifests of deploy/kubernetes: each is what Kubernetes takes, by its own types, and together they say what an
// operator expects of them. kustomization.yaml names all of them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, ROOT } from './gateway.mjs';

const FOLDER = join(ROOT, 'deploy/kubernetes');
const MODULES = { v1: 'core/v1', 'apps/v1': 'apps/v1', 'policy/v1': 'policy/v1' };

function yaml(path) {
  const parse = 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)';
  const done = spawnSync('/usr/bin/python3', ['-c', parse, path], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

const kustomization = yaml(join(FOLDER, 'kustomization.yaml'))[0];
const manifests = kustomization.resources.flatMap((name) => yaml(join(FOLDER, name)));
const one = (kind) => manifests.find((manifest) => manifest.kind === kind);

test('every manifest is what Kubernetes calls it', { timeout: 60_000 }, () => {
  const generated = kustomization.configMapGenerator.flatMap(({ files }) => files);
  const named = ['kustomization.yaml', ...kustomization.resources, ...generated];
  assert.deepEqual(readdirSync(FOLDER).sort(), named.sort());
  const folder = mkdtempSync(`${tmpdir()}/weir-kubernetes-`);
  symlinkSync(join(ROOT, 'dashboard/node_modules'), join(folder, 'node_modules'));
  // A misspelt or misplaced key is one that the type does not have.
  const check = (made) => {
    const text = made.map((manifest, index) => {
      const { apiVersion, kind } = manifest;
      const source = `import type { ${kind} as Kind${index} } from 'kubernetes-types/${MODULES[apiVersion]}';`;
      return `${source}\nexport const manifest${index}: Kind${index} = ${JSON.stringify(manifest)};\n`;
    });
    writeFileSync(join(folder, 'manifests.ts'), text.join(''));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
    return spawnSync(process.execPath, [join(ROOT, 'dashboard/node_modules/typescript/bin/tsc'), ...options, 'manifests.ts'], { cwd: folder, encoding: 'utf8' });
  };
  const checked = check(manifests);
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  const misspelt = structuredClone(one('StatefulSet'));
  misspelt.spec.template.spec.containers[0].livenessProb = {};
  assert.notEqual(check([misspelt]).status, 0); // it would be seen
  rmSync(folder, { recursive: true });
});

test('the pod has probes, limits, no rights and a root that it cannot write', () => {
  const pod = one('StatefulSet').spec.template.spec;
  const [weir] = pod.containers;
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(weir.securityContext.readOnlyRootFilesystem, true);
  assert.equal(weir.securityContext.allowPrivilegeEscalation, false);
  assert.deepEqual(weir.securityContext.capabilities.drop, ['ALL']);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.ok(weir[probe].httpGet.path, probe);
  for (const kind of ['requests', 'limits']) assert.ok(weir.resources[kind].cpu && weir.resources[kind].memory, kind);
  // The same user as in the image, which owns what it writes.
  const image = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
  const { runAsUser, runAsGroup } = pod.securityContext;
  assert.match(image, new RegExp(`^USER ${runAsUser}:${runAsGroup}$`, 'm'));
  assert.match(image, /^HEALTHCHECK /m);
});

test('names and ports fit together, and Weir takes its configuration', () => {
  const { spec } = one('StatefulSet');
  const labels = spec.template.metadata.labels;
  const service = one('Service');
  const budget = one('PodDisruptionBudget');
  assert.deepEqual(service.spec.selector, labels);
  assert.deepEqual(budget.spec.selector.matchLabels, labels);
  assert.deepEqual(spec.selector.matchLabels, labels);
  assert.equal(spec.serviceName, service.metadata.name);
  const [weir] = spec.template.spec.containers;
  const ports = new Map(weir.ports.map((port) => [port.name, port]));
  for (const { targetPort, protocol = 'TCP' } of service.spec.ports) assert.equal(ports.get(targetPort).protocol ?? 'TCP', protocol);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.ok(ports.has(weir[probe].httpGet.port), probe);
  const mounts = new Map(weir.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  const config = yaml(join(FOLDER, 'weir.yaml'))[0];
  assert.equal(config.archive.path, mounts.get('state'));
  assert.ok(weir.args.includes(`${mounts.get('config')}/weir.yaml`));
  assert.ok(config.http.listen[0].endsWith(`:${ports.get('http').containerPort}`));
  for (const { listen } of config.feeds) assert.ok(listen.endsWith(`:${ports.get('statsd').containerPort}`));
  assert.ok(config.http.hosts.includes(`${service.metadata.name}.${kustomization.namespace}.svc.cluster.local`));
  const checked = spawnSync(PROGRAM, ['check', join(FOLDER, 'weir.yaml')], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stderr);
  const image = spawnSync(PROGRAM, ['check', join(ROOT, 'deploy/image.yaml')], { encoding: 'utf8' });
  assert.equal(image.status, 0, image.stderr);
});
