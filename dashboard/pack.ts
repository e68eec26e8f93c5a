// pack.ts FOLDER: puts the npm package weir-client, as a tarball, into FOLDER. Its files are those of ../build/dashboard, so
// build first.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { version } from './version.ts';

const FILES = ['weir', 'weir-chart', 'weir-react'].flatMap((name) => [
  `${name}.js`,
  `${name}.d.ts`,
]);

const here = (path: string) => new URL(path, import.meta.url);
const target = resolve(process.argv[2] ?? '.');
const folder = mkdtempSync(join(tmpdir(), 'weir-pack-'));
try {
  for (const file of FILES) cpSync(here(`../build/dashboard/${file}`), join(folder, file));
  cpSync(here('client/README.md'), join(folder, 'README.md'));
  cpSync(here('../LICENSE'), join(folder, 'LICENSE'));
  const about = JSON.parse(readFileSync(here('client/package.json'), 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...about, version: version() }, null, 2),
  );
  mkdirSync(target, { recursive: true });
  const npm = ['pack', folder, '--pack-destination', target, '--loglevel=error'];
  execFileSync(here('../deploy/node/npm.sh').pathname, npm, { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true });
}
