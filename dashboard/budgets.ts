// Gates: what a browser loads first, and each part that it loads later, gzipped. The numbers are the budgets of the design;
// over them the build fails.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = new URL('../build/dashboard/', import.meta.url);
const assets = readdirSync(new URL('assets/', folder)).map((name) => `assets/${name}`);
const bytes = (names: string[]) =>
  names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length,
    0,
  );

const page = readFileSync(new URL('index.html', folder), 'utf8');
const first = assets.filter((name) => page.includes(name));
const later = assets.filter((name) => !first.includes(name));

const budgets: [what: string, names: string[], most: number][] = [
  ['SDK', ['weir.js'], 8_192],
  ['<weir-chart>', ['weir-chart.js'], 4_096],
  ['React hooks', ['weir-react.js'], 1_024],
  ['JavaScript at first load', first.filter((name) => name.endsWith('.js')), 60_000],
  ['CSS at first load', first.filter((name) => name.endsWith('.css')), 8_000],
  ...later.map((name): [string, string[], number] => [`later: ${name}`, [name], 25_000]),
];

let over = false;
for (const [what, names, most] of budgets) {
  const size = bytes(names);
  over ||= size > most || size === 0;
  console.log(`${what}: ${size} of ${most} bytes gzipped${size > most ? '  OVER BUDGET' : ''}`);
}
process.exit(over ? 1 : 0);
