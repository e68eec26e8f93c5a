// Every command that a document shows is run, as it stands there, against a Weir on the ports that documents speak of: in
// a network of its own, where they are free whatever this machine does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ENVIRONMENT, PROGRAM, ROOT } from './gateway.mjs';

const PROGRAMS = 'weir|curl|echo|printf|gzip|tail|zcat|npm|node|docker|kubectl|systemctl|promtool|apt|dpkg|man|gdb|ss|sysctl|journalctl|cmake|sudo';
const COMMAND = new RegExp(`^(?:(?:${PROGRAMS})\\s|(?:\\./|\\.\\./)?(?:build|deploy|tests)/\\S)`);

/** What another test runs, or what needs more than a machine that is being tested: [command, where that is seen to]. */
const ELSEWHERE = [
  [/^\.?\/?deploy\/run\.sh/, 'tests/chroot.sh', 'deploy/run.sh'],
  [/^\.\/tests\/run\.sh/, 'tests/chroot.sh', 'tests/run.sh'],
  [/npm\.sh (ci|run build)/, 'deploy/dashboard.sh', 'npm.sh ci'],
  [/npm\.sh (test|run check)/, 'tests/run.py', 'script("check")'],
  [/^npm install vega-datasets@/, 'dashboard/package.json', 'vega-datasets'],
  [/^tests\/bench\/ingest_numbers\.py/, 'tests/CMakeLists.txt', 'ingest_numbers_test.py'],
  [/^build\/node\/bin\/node --test/, 'tests/run.py', '--test-concurrency=1'],
  [/asan|fuzz/, 'tests/run.py', 'tests/fuzz/run.sh'],
  [/^docker (build|compose|run)/, 'tests/containers.sh', 'docker build'],
  [/^deploy\/package\.sh/, 'tests/e2e/package.test.mjs', 'deploy/package.sh'],
  [/^(sudo )?apt install/, 'tests/e2e/package.test.mjs', 'dpkg'],
  [/^kubectl /, 'tests/e2e/kubernetes.test.mjs', 'kustomization'],
  [/^(systemctl|journalctl) /, 'tests/e2e/service.test.mjs', 'systemd-analyze'],
];

/** {line, text} of each command in code that is indented or in a block of sh; what a quote or a backslash leaves open goes on. */
function commands(document) {
  const found = [];
  let shell = null; // within a block: is it one of commands
  let open = null;
  document.split('\n').forEach((whole, index) => {
    if (whole.startsWith('```')) {
      shell = shell === null ? /^```(sh|bash)\b/.test(whole) : null;
      return;
    }
    const code = shell ?? /^ {4}\S/.test(whole);
    const text = whole.trim();
    if (open) {
      open.text += `\n${whole}`;
    } else if (code && COMMAND.test(text)) {
      open = { line: index + 1, text };
      found.push(open);
    }
    const quotes = (open?.text.replace(/\s#\s.*$/, '').match(/'/g) ?? []).length;
    if (open && quotes % 2 === 0 && !open.text.endsWith('\\')) open = null;
  });
  // What is answered stands behind three blanks, what it does behind a hash.
  return found.map(({ line, text }) => ({ line, text: text.replace(/ {3,}\S[^']*$/, '') }));
}

/** Waits for what never ends, in seconds; then a Ctrl-C has to end it. */
const PATIENCE = 1.5;
const FOLLOWS = /^(weir (demo|serve|tail|record)|build\/release\/weir tail|tail -[fF]|curl -N)/;
/** What would take too long, or would not find here what it names. The server has the usual ports already. */
const ADAPTED = [
  [/--connections 5000/, '--connections 50 --seconds 1'],
  [/^weir bench ingest(?!.*--duration)/, '$& --duration 300ms'],
  [/--duration 2s/, '--duration 300ms'],
  [/--loop 100/, '--loop 2'],
  [/--pid 1234/, '--pid "$server"'],
  [/"5f0c\.\.\."/, '"\'"$etag"\'"'],
  [/^weir demo/, "$& --set http.listen=127.0.0.1:0 --set 'feeds=[]'"],
  [/^weir record night\.weir --listen udp:\/\/127\.0\.0\.1:8125/, 'weir record new.weir --listen udp://127.0.0.1:18125'],
  [/--listen udp:\/\/0\.0\.0\.0:8125/, '--listen udp://0.0.0.0:18125'],
  [/unixgram:\/run\/weir\//, 'unixgram:"$PWD"/'],
  [/"time":1764000000000/, `"time":'"$(date +%s)"'000`], // a day that is not over
];
const adapted = (text) => ADAPTED.reduce((now, [what, by]) => now.replace(what, by), text);

/** The files that documents speak of; lines.txt is in the format of the one at hand. */
function furnish(folder, document) {
  mkdirSync(join(folder, 'build/release'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  symlinkSync(PROGRAM, join(folder, 'build/release/weir'));
  symlinkSync(PROGRAM, join(folder, 'bin/weir'));
  for (const name of ['deploy', 'tests', 'dashboard']) symlinkSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, 'dashboard/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.curlrc'), 'silent\nshow-error\nfail-with-body\n');
  const now = Math.floor(Date.now() / 1000);
  writeFileSync(join(folder, 'app.metrics'), `app.requests 12 ${now}\n`);
  const graphite = `app.requests 12 ${now}\napp.requests 13 ${now}\n`;
  writeFileSync(join(folder, 'lines.txt'), document.endsWith('TOOLS.md') ? graphite : 'app.requests:12|c\n');
  writeFileSync(join(folder, 'events.gz'), gzipSync('cpu load=1 1764000000000000000\ncpu load=3 1764000060000000000\n'));
  writeFileSync(join(folder, 'flights.json'), '{"name":"delay","type":"timer","value":7,"tags":{"route":"a"},"timestamp":1764000000000}\n');
  writeFileSync(join(folder, 'board.json'), JSON.stringify({
    title: 'Checkout', cards: [{ x: 0, y: 0, w: 6, h: 3, metric: 'http.latency', stat: 'p99', kind: 'line' }],
  }));
  copyFileSync(join(ROOT, 'deploy/weir.yaml'), join(folder, 'weir.yaml'));
}

const SETUP = `
set -u
ip link set lo up
weir serve --set http.listen=127.0.0.1:8080 --set 'feeds=[{listen: "udp://127.0.0.1:8125"}, {listen: "tcp://127.0.0.1:8125"},
  {listen: "tcp://127.0.0.1:2003", format: graphite}, {listen: "unixgram:'"$PWD"'/statsd.sock", format: statsd}, {host: {every: 1s}}]' >server.log 2>&1 &
server=$!
trap 'kill -TERM "$server"; wait "$server"' EXIT
until weir check --server http://127.0.0.1:8080 >/dev/null 2>&1; do kill -0 "$server" || { cat server.log; exit 9; }; done
weir record night.weir --listen unixgram:"$PWD"/record.sock --for 700ms >/dev/null 2>&1 & recorder=$!
until [ -S record.sock ]; do :; done
weir send http.latency 812 --type timer --tag route=/slow --to unixgram:"$PWD"/record.sock
wait "$recorder"
weir send http.latency 812 --type timer --tag route=/slow --tag env=prod
`;

/** One document's commands, run; a line of result for each. */
function run(folder, wanted) {
  const script = [SETUP];
  wanted.forEach(({ text }, index) => {
    writeFileSync(join(folder, `command-${index}.sh`), `${adapted(text)}\n`);
    const limit = FOLLOWS.test(text) ? `timeout --signal=INT ${PATIENCE}` : 'timeout 120';
    script.push(
      `export server etag=$(curl -si localhost:8080/api/v1/boards/checkout 2>/dev/null | sed -n 's/^etag: "\\(.*\\)".*/\\1/Ip' | tr -d '\\r')`,
      `${limit} bash -o pipefail command-${index}.sh >out-${index} 2>&1 </dev/null; echo "result ${index} $?"`,
    );
  });
  writeFileSync(join(folder, 'script.sh'), script.join('\n'));
  const environment = { ...ENVIRONMENT, HOME: folder, PATH: `${folder}/bin:${process.env.PATH}`, WEIR_ARCHIVE_PATH: join(folder, 'archive') };
  return spawnSync('unshare', ['--map-root-user', '--net', 'bash', 'script.sh'], {
    cwd: folder, env: environment, encoding: 'utf8', timeout: 240_000,
  });
}

const documents = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: ROOT, encoding: 'utf8' }).stdout.trim().split('\n');

test('every command that a document shows runs', { timeout: 600_000 }, async (t) => {
  assert.ok(documents.includes('README.md'));
  let ran = 0;
  for (const name of documents) {
    const shown = commands(readFileSync(join(ROOT, name), 'utf8'));
    const here = [];
    for (const command of shown) {
      const elsewhere = ELSEWHERE.find(([pattern]) => pattern.test(command.text));
      if (!elsewhere) here.push(command);
      else assert.ok(readFileSync(join(ROOT, elsewhere[1]), 'utf8').includes(elsewhere[2]), `${name}:${command.line}: ${elsewhere[1]} runs it`);
    }
    if (!here.length) continue;
    await t.test(name, () => {
      const folder = mkdtempSync(`${tmpdir()}/weir-documents-`);
      furnish(folder, name);
      const done = run(folder, here);
      const results = new Map([...done.stdout.matchAll(/^result (\d+) (\d+)$/gm)].map(([, index, status]) => [Number(index), Number(status)]));
      here.forEach(({ line, text }, index) => {
        const status = results.get(index);
        const said = () => readFileSync(join(folder, `out-${index}`), 'utf8').slice(-2000);
        assert.notEqual(status, undefined, `${name}:${line} was not reached: ${done.stdout}${done.stderr}`);
        // What follows ends by our Ctrl-C: 124 says so.
        const good = FOLLOWS.test(text) ? [0, 124, 130].includes(status) : status === 0;
        assert.ok(good, `${name}:${line}: ${text}\nended with ${status}: ${said()}`);
        ++ran;
      });
      rmSync(folder, { recursive: true, force: true });
    });
  }
  assert.ok(ran > 40, `${ran} commands`);
});

test('every configuration that the documents of deploy show is good', () => {
  const folder = mkdtempSync(`${tmpdir()}/weir-documents-`);
  let checked = 0;
  for (const name of documents.filter((each) => each.startsWith('deploy/'))) {
    for (const [, text] of readFileSync(join(ROOT, name), 'utf8').matchAll(/^```yaml\n([^]*?)^```/gm)) {
      writeFileSync(join(folder, 'weir.yaml'), text);
      const done = spawnSync(PROGRAM, ['check', join(folder, 'weir.yaml')], { encoding: 'utf8' });
      assert.equal(done.status, 0, `${name}: ${done.stderr}`);
      ++checked;
    }
  }
  assert.ok(checked >= 2);
  rmSync(folder, { recursive: true });
});

test('what documents point to is there', () => {
  for (const name of documents) {
    const text = readFileSync(join(ROOT, name), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
      const path = join(ROOT, name, '..', target);
      assert.doesNotThrow(() => readFileSync(path), (fault) => fault.code !== 'EISDIR', `${name} points to ${target}`);
    }
  }
});
