// How far long work has come, as who sits at a terminal sees it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { endChildren, ENVIRONMENT, PROGRAM, startGateway } from './gateway.mjs';

const limit = { timeout: 60_000 };
const folder = mkdtempSync(`${tmpdir()}/weir-progress-`);
after(() => {
  endChildren();
  rmSync(folder, { recursive: true });
});

const run = (command, args) => spawnSync(command, args, { env: { ...ENVIRONMENT, TERM: 'xterm' }, encoding: 'utf8', timeout: 30_000 });

test('long work tells how far it has come, on a terminal alone', limit, async () => {
  const gateway = await startGateway();
  const to = `tcp://${gateway.address('tcp/statsd')}`;
  const file = `${folder}/long.txt`;
  writeFileSync(file, 'long:1|c\n'.repeat(6000));
  const words = ['replay', file, '--format', 'statsd', '--rate', '2500/s', '--to', to];
  const piped = run(PROGRAM, words);
  assert.deepEqual([piped.status, piped.stderr], [0, '']);
  // script(1) is a terminal: both streams come back as one.
  const typed = run('script', ['-qec', [PROGRAM, ...words].join(' '), '/dev/null']);
  assert.equal(typed.status, 0);
  const shown = typed.stdout.split('\r\x1b[K').slice(1);
  assert.match(shown[0], /^\[#+-+\] +\d+ %  [\d.]+ kB of 54.0 kB, [\d.]+ kB\/s, \d+ s left$/);
  assert.ok(shown.length > 3, typed.stdout);
  assert.match(shown.at(-1), /^played 6?\d+ blocks of lines/, 'nothing of it stays');
  const asked = run('script', ['-qec', `cat ${file} | ${PROGRAM} send --to ${to}`, '/dev/null']);
  assert.deepEqual([asked.status, asked.stdout], [0, ''], 'a pipe has no end to be told of');
  assert.equal((await gateway.stop()).code, 0);
});
