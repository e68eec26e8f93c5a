// Writes ../build/dashboard/weir.d.ts: the SDK's declarations in one file, from what the compiler says of client/.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PUBLIC = ['types', 'errors', 'subscription', 'weir'];

const out = mkdtempSync(join(tmpdir(), 'weir-types-'));
try {
  const tsc = new URL('node_modules/typescript/bin/tsc', import.meta.url).pathname;
  const flags = [
    '--declaration',
    '--emitDeclarationOnly',
    '--noEmit',
    'false',
    '--outDir',
    out,
    '--rootDir',
    'client',
  ];
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.client.json', ...flags], {
    stdio: 'inherit',
  });
  const parts = PUBLIC.map((name) =>
    readFileSync(join(out, `${name}.d.ts`), 'utf8').replace(/^(import .*|export \{\});\n/gm, ''),
  );
  const opaque =
    '/** Inner workings: made by Weir, of no use to a page. */\ndeclare type Home = unknown;\n';
  writeFileSync(
    new URL('../build/dashboard/weir.d.ts', import.meta.url),
    parts.join('\n') + opaque,
  );
  // It has to stand on its own, before the strictest reader.
  const file = new URL('../build/dashboard/weir.d.ts', import.meta.url).pathname;
  const alone = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', '--lib', 'ES2023,DOM'];
  execFileSync(process.execPath, [tsc, ...alone, file], { stdio: 'inherit' });
} finally {
  rmSync(out, { recursive: true });
}
