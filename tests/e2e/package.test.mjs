// The Debian package, its manual page and its bill of materials, made of the program that is tested.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { endChildren, ENVIRONMENT, PROGRAM, ROOT, start, until } from './gateway.mjs';

const MIB = 1024 * 1024;
const limit = { timeout: 120_000 };
const folder = mkdtempSync(`${tmpdir()}/weir-package-`);
const root = join(folder, 'root');
let deb;

/** What it prints; it has to end well. */
function said(command, ...args) {
  const done = spawnSync(command, args, { cwd: ROOT, env: ENVIRONMENT, encoding: 'utf8', maxBuffer: 64 * MIB });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

before(() => {
  deb = said('deploy/package.sh', 'build/release').trim();
  said('dpkg-deb', '--extract', deb, root);
});

test('the package says what it is and needs, and holds what a service needs', limit, () => {
  const about = said('dpkg-deb', '--info', deb);
  assert.match(about, /^ Package: weir$/m);
  assert.match(about, new RegExp(`^ Version: ${said(PROGRAM, '--version').trim().split(' ').at(-1)}-1$`, 'm'));
  for (const library of ['libc6', 'librocksdb7.8', 'libssl3', 'libyaml-cpp0.7']) assert.match(about, new RegExp(`^ Depends: .*\\b${library}\\b`, 'm'));
  const conffiles = said('dpkg-deb', '--info', deb, 'conffiles');
  assert.equal(conffiles, '/etc/weir/weir.yaml\n');
  const files = said('dpkg-deb', '--contents', deb);
  for (const [mode, path] of [
    ['-rwxr-xr-x', 'usr/bin/weir'],
    ['-rw-r--r--', 'etc/weir/weir.yaml'],
    ['-rw-r--r--', 'lib/systemd/system/weir.service'],
    ['-rw-r--r--', 'usr/share/man/man1/weir.1.gz'],
    ['-rw-r--r--', 'usr/share/bash-completion/completions/weir'],
    ['-rw-r--r--', 'usr/share/zsh/vendor-completions/_weir'],
    ['-rw-r--r--', 'usr/share/fish/vendor_completions.d/weir.fish'],
    ['-rw-r--r--', 'usr/share/doc/weir/copyright'],
    ['-rw-r--r--', 'usr/share/doc/weir/weir.spdx.json'],
    ['-rw-r--r--', 'usr/share/doc/weir/licences/npm-uplot.txt'],
  ])
    assert.match(files, new RegExp(`^${mode} root/root .* \\./${path.replaceAll('.', '\\.')}$`, 'm'));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const text = said('dpkg-deb', '--info', deb, script);
    assert.equal(spawnSync('sh', ['-n'], { input: text }).status, 0, script);
  }
});

test('the program in the package is stripped, at most 20 MiB, and serves with the configuration beside it', limit, async () => {
  const program = join(root, 'usr/bin/weir');
  assert.ok(statSync(program).size <= 20 * MIB, `${statSync(program).size} bytes`);
  assert.doesNotMatch(said('readelf', '--sections', '--wide', program), /\.debug_info|\.symtab/);
  assert.match(said(program, 'check', join(root, 'etc/weir/weir.yaml')), /: good\n/);
  const unit = readFileSync(join(root, 'lib/systemd/system/weir.service'), 'utf8');
  const [, command] = /^ExecStart=\/usr\/bin\/weir (.*)$/m.exec(unit);
  const args = command.replace('/etc/weir', join(root, 'etc/weir')).split(' ');
  const weir = start(program, [...args, '--set', 'http.listen=127.0.0.1:0', '--set', 'feeds=[{listen: "udp://127.0.0.1:0"}]'], {
    env: { ...ENVIRONMENT, WEIR_ARCHIVE_PATH: join(folder, 'state') },
  });
  await until(() => `the start lines: ${weir.err}`, () => weir.out.includes('is running'));
  const [, address] = /what=http address=(.*)$/m.exec(weir.out);
  const check = () => spawnSync(program, ['check', '--server', `http://${address}`], { encoding: 'utf8' });
  await until('its readiness', () => check().status === 0);
  assert.equal(check().stdout, 'ready\n');
  assert.match(await (await fetch(`http://${address}/`)).text(), /<html/);
  weir.child.kill('SIGTERM');
  assert.deepEqual(await weir.ended, { code: 0, signal: null });
  const gone = check();
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /^weir check: /);
});

test('lintian has nothing to say about the package', limit, (t) => {
  if (spawnSync('lintian', ['--version']).error) return t.skip('lintian is not here');
  const found = spawnSync('lintian', ['--fail-on', 'error,warning', '--suppress-tags', 'initial-upload-closes-no-bugs', deb], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(found.status, 0, found.stdout + found.stderr);
});

test('the manual page has every command and every flag of the program, and is well formed', limit, () => {
  const page = gunzipSync(readFileSync(join(root, 'usr/share/man/man1/weir.1.gz'))).toString();
  const linted = spawnSync('mandoc', ['-Tlint', '-Wwarning'], { input: page, encoding: 'utf8' });
  assert.equal(linted.stdout, '');
  const text = said('mandoc', '-Tutf8', '-Owidth=400', join(root, 'usr/share/man/man1/weir.1.gz')).replaceAll(/.\x08/g, '');
  const waiting = [[]];
  let flags = 0;
  while (waiting.length) {
    const path = waiting.shift();
    const help = said(PROGRAM, ...path, '--help');
    const begin = path.length ? text.indexOf(`\n   ${['weir', ...path].join(' ')}\n`) : 0;
    assert.notEqual(begin, -1, `weir ${path.join(' ')} is in the page`);
    const part = text.slice(begin + 1).split(/\n {3}(?=weir |\S)/)[0];
    for (const [, flag] of help.matchAll(/^ {2}(?:-\w,)?(--[\w-]+)/gm)) {
      if (flag === '--help' || !path.length) continue;
      assert.match(part, new RegExp(`^ +${flag}\\b`, 'm'), `weir ${path.join(' ')} ${flag}`);
      ++flags;
    }
    const inner = /^Subcommands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? '';
    for (const [, name] of inner.matchAll(/^ {2}(\S+)/gm)) waiting.push([...path, name]);
  }
  assert.ok(flags > 40, `${flags} flags`);
});

test('the bill of materials names all that the program is made of, with licences', limit, () => {
  const bill = JSON.parse(readFileSync(join(root, 'usr/share/doc/weir/weir.spdx.json'), 'utf8'));
  assert.equal(bill.spdxVersion, 'SPDX-2.3');
  const by = (how) => bill.relationships.filter(({ relationshipType }) => relationshipType === how).map(({ relatedSpdxElement }) => relatedSpdxElement);
  const ids = new Set(bill.packages.map(({ SPDXID }) => SPDXID));
  assert.equal(ids.size, bill.packages.length);
  for (const how of ['DESCRIBES', 'DYNAMIC_LINK', 'STATIC_LINK', 'CONTAINS']) {
    assert.ok(by(how).length, how);
    for (const id of by(how)) assert.ok(ids.has(id), id);
  }
  // Each library that the loader will ask for, by the package that dpkg says has it.
  for (const [, file] of said('ldd', PROGRAM).matchAll(/=> (\/\S*lib(?:rocksdb|ssl|crypto|re2|simdjson|yaml-cpp|z|stdc\+\+)\.so\S*)/g)) {
    const owner = spawnSync('dpkg', ['-S', file], { encoding: 'utf8' }).stdout || said('dpkg', '-S', file.replace(/^\/usr|^(?=\/lib)/, (found) => (found ? '' : '/usr')));
    assert.ok(by('DYNAMIC_LINK').includes(`SPDXRef-deb-${owner.split(':')[0].replace(/[^A-Za-z0-9.-]/g, '-')}`), file);
  }
  for (const header of ['nlohmann-json3-dev', 'libcli11-dev']) assert.ok(by('STATIC_LINK').includes(`SPDXRef-deb-${header}`), header);
  const wanted = JSON.parse(readFileSync(join(ROOT, 'dashboard/package.json'), 'utf8'));
  const versions = new Map(bill.packages.map(({ name, versionInfo }) => [name, versionInfo]));
  for (const [name, version] of Object.entries(wanted.dependencies)) assert.equal(versions.get(name), version, name);
  for (const name of Object.keys(wanted.devDependencies)) assert.ok(!versions.has(name), `${name} is not in the dashboard`);
  for (const each of bill.packages) {
    assert.match(each.licenseDeclared, /^[\w.+-]+( (OR|AND|WITH) [\w.+-]+)*$/, each.name);
    assert.ok(each.versionInfo, each.name);
  }
});

after(() => {
  endChildren();
  rmSync(folder, { recursive: true, force: true });
});
