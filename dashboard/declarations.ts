// Writes the declarations of the SDK, of the element and of the hooks beside them in ../build/dashboard, one file each, from
// what the compiler says of client/.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PUBLIC = ['types', 'errors', 'duration', 'subscription', 'weir'];
const ENTRIES = [
  ['weir-chart.d.ts', 'chart/weir-chart.d.ts'],
  ['weir-react.d.ts', 'react/weir-react.d.ts'],
] as const;
const built = new URL('../build/dashboard/', import.meta.url);

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
  const strip = /^(import .*|export \{\});\n/gm;
  const parts = PUBLIC.map((name) =>
    readFileSync(join(out, `${name}.d.ts`), 'utf8').replace(strip, ''),
  );
  const opaque =
    '/** Inner workings: made by Weir, of no use to a page. */\ndeclare type Home = unknown;\n';
  writeFileSync(new URL('weir.d.ts', built), parts.join('\n') + opaque);
  for (const [name, from] of ENTRIES)
    writeFileSync(
      new URL(name, built),
      readFileSync(join(out, from), 'utf8').replaceAll("'weir-client'", "'./weir.js'"),
    );
  // They have to stand on their own, before the strictest reader.
  const files = ['weir.d.ts', 'weir-chart.d.ts'].map((name) => new URL(name, built).pathname);
  const alone = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', '--lib', 'ES2023,DOM'];
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler'];
  execFileSync(process.execPath, [tsc, ...alone, ...modules, ...files], { stdio: 'inherit' });
} finally {
  rmSync(out, { recursive: true });
}
