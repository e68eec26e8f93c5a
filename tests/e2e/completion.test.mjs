// weir completion: each shell itself completes what somebody types.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { PROGRAM } from './gateway.mjs';

const folder = mkdtempSync(`${tmpdir()}/weir-completion-`);
after(() => rmSync(folder, { recursive: true }));

const run = (program, args, input = '') =>
  execFileSync(program, args, { encoding: 'utf8', input, timeout: 20_000, stdio: ['pipe', 'pipe', 'inherit'] });
const script = (shell) => run(PROGRAM, ['completion', shell]);

/** What a shell offers behind these words, the last of which is being typed. */
const SHELLS = {
  bash(words) {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    return run('bash', ['--norc', '-c', `${script('bash')}
      COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}
      _weir && printf '%s\\n' "\${COMPREPLY[@]}"`]).split('\n').filter(Boolean);
  },
  fish(words) {
    const file = path.join(folder, 'weir.fish');
    writeFileSync(file, script('fish'));
    return run('fish', ['--no-config', '-c', `source ${file}; complete -C '${words.join(' ')}'`])
      .split('\n').filter(Boolean).map((line) => line.split('\t')[0]);
  },
  /** Its completion runs inside its line editor alone: what it hands over is looked at. */
  zsh(words) {
    const file = path.join(folder, '_weir');
    writeFileSync(file, script('zsh'));
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const typed = words.at(-1);
    return run('zsh', ['-f', '-c', `
      compdef() { :; }
      _files() { print -l FILES; }
      _describe() { print -l -- "\${(@)known}"; }
      source ${file}
      words=(${quoted}) CURRENT=${words.length}
      _weir`]).split('\n').filter(Boolean).map((line) => line.split(':')[0]).filter((word) => word.startsWith(typed));
  },
};

for (const [shell, offered] of Object.entries(SHELLS)) {
  test(`${shell} completes commands, the commands of a command, and options`, () => {
    assert.deepEqual(offered(['weir', 'ser']), ['serve']);
    const commands = offered(['weir', '']);
    for (const command of ['serve', 'demo', 'check', 'tail', 'query', 'send', 'record', 'replay', 'bench', 'completion'])
      assert.ok(commands.includes(command), command);
    assert.deepEqual(offered(['weir', 'serve', '--con']), ['--config']);
    assert.deepEqual(offered(['weir', 'bench', 'fan']), ['fanout']);
    assert.ok(offered(['weir', 'bench', 'ingest', '--']).includes('--find-zero-loss'));
    assert.ok(!offered(['weir', 'check', '--']).includes('--config'));
  });
}

test('behind an option that takes a file there are files', () => {
  assert.deepEqual(SHELLS.bash(['weir', 'serve', '--config', 'x']), [], 'the shell goes on by itself');
  assert.ok(SHELLS.bash(['weir', 'serve', '--config', 'x', '--p']).includes('--pages'));
});

test('another shell is refused with those that are known', () => {
  assert.throws(() => execFileSync(PROGRAM, ['completion', 'tcsh'], { encoding: 'utf8', stdio: 'pipe' }), (fault) => {
    assert.equal(fault.status, 2);
    assert.match(fault.stderr, /^weir completion: "tcsh" is unknown, known are bash, zsh, fish\n/);
    return true;
  });
});
