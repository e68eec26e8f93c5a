// What axe-core finds on each screen, in both themes: nothing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser } from './browser.mjs';
import { endChildren, ROOT, startGateway, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
const axe = readFileSync(createRequire(`${ROOT}/dashboard/package.json`).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
let browser;
let empty;
let full;
let guarded;
let feeding;
before(async () => {
  browser = await startBrowser();
  empty = await startGateway();
  full = await startGateway({ set: [`boards.path=${mkdtempSync(join(tmpdir(), 'weir-axe-'))}`] });
  const hash = createHash('sha256').update('a token').digest('hex');
  guarded = await startGateway({ set: [`auth.readers=[{name: ops, hash: "sha256:${hash}"}]`] });
  const card = { x: 0, y: 0, w: 6, h: 4, metric: 'shop.latency', by: ['route'], stat: 'p99', kind: 'line', threshold: { crit: 1 } };
  const cards = ['line', 'heatmap', 'bars', 'number'].map((kind, at) => ({ ...card, kind, x: (at % 2) * 6, y: 4 * Math.floor(at / 2) }));
  const answer = await full.get('/api/v1/boards/shop', {
    method: 'PUT',
    headers: { 'If-None-Match': '*' },
    body: JSON.stringify({ title: 'Shop', cards }),
  });
  assert.equal(answer.status, 201);
  let sent = 0;
  // Each screen shows what is newest, so something must be new until the last of them was looked at.
  feeding = setInterval(() => {
    const n = sent++ % 40;
    full.statsd(`shop.latency:${n * 9 + 5}|ms|#route:/${n % 3},host:h${n % 2}\nshop.orders:3|c|#route:/${n % 3}\nbad line`);
  }, 100);
});
after(async () => {
  clearInterval(feeding);
  await browser?.close();
  endChildren();
});

const SCREENS = [
  ['the first run', () => `${empty.url}/`, '[data-testid=first-run]'],
  ['the overview', () => `${full.url}/`, '[data-testid=card][data-metric="shop.latency"] [data-testid=value]'],
  ['explore', () => `${full.url}/explore?m=shop.latency`, '[data-testid=by-tag] [data-value]'],
  ['the list to explore', () => `${full.url}/explore?m=none`, '[data-testid=unknown]'],
  ['the boards', () => `${full.url}/boards`, '.board-list a'],
  ['a board', () => `${full.url}/boards/shop`, '[data-testid=over-limit]'],
  ['a board that is edited', () => `${full.url}/boards/shop?edit=1`, '.grip'],
  ['health', () => `${full.url}/health`, '[data-testid=health] .tile'],
  ['the sign-in', () => `${guarded.url}/`, '.sign-in input'],
  ['a chart alone', () => `${full.url}/explore?m=shop.latency&embed=1`, '[data-testid=value]'],
];

async function look(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n${failureSummary}`));
}

for (const theme of ['dark', 'light'])
  for (const [name, address, ready] of SCREENS)
    test(`axe finds nothing on ${name}, ${theme}`, limit, async () => {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await page.goto(address());
      await page.locator(ready).first().waitFor({ timeout: 60_000 });
      assert.deepEqual(await look(page), []);
      if (name === 'a board that is edited') {
        await page.getByRole('button', { name: 'Add a card' }).click();
        await page.getByRole('dialog').waitFor();
        assert.deepEqual(await look(page), []);
      }
      if (name === 'explore') {
        for (const summary of await page.locator('summary').all()) await summary.click();
        await until('the table', async () => (await page.locator('[data-testid=values] td').count()) > 0);
        assert.deepEqual(await look(page), []);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      assert.deepEqual(await look(page), [], 'on a telephone');
      await context.close();
    });
