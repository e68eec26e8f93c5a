// A page that stays open: what it holds does not grow once the time that it shows is full.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway } from './gateway.mjs';

const METRICS = 20;
const ROUTES = 6;
const FULL_MS = 80_000; // the shortest time shown is a minute
const WATCHED_MS = 60_000;
const GROWTH_MAX = 1_000_000; // bytes; one kept update of one chart in each second would be more

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

test('a page that is left open holds no more after another minute', { timeout: 300_000 }, async (t) => {
  const gateway = await startGateway();
  const timer = setInterval(() => {
    for (let metric = 0; metric < METRICS; metric += 1)
      void gateway.statsd(
        Array.from({ length: ROUTES }, (_, route) => `shop.m${metric}:${Math.random() * 100}|ms|#route:r${route}`).join('\n'),
      );
  }, 250);
  const { page, faults } = await openPage(browser, gateway.url);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const held = async () => {
    let least = Infinity;
    for (let i = 0; i < 3; i += 1) {
      await devtools.send('HeapProfiler.collectGarbage');
      const { metrics } = await devtools.send('Performance.getMetrics');
      least = Math.min(least, metrics.find(({ name }) => name === 'JSHeapUsedSize').value);
    }
    return least;
  };
  await page.goto(`${gateway.url}/?w=1m`);
  await page.locator('[data-testid=card][data-metric="shop.m0"]').waitFor({ timeout: 20_000 });
  await pause(FULL_MS);
  const before = await held();
  await pause(WATCHED_MS);
  const growth = (await held()) - before;
  t.diagnostic(`${(before / 1e6).toFixed(1)} MB, and ${(growth / 1e3).toFixed()} KB more after another ${WATCHED_MS / 1000} s`);
  assert.ok(growth < GROWTH_MAX, `${growth} bytes more`);
  assert.deepEqual(faults, []);
  clearInterval(timer);
  await page.close();
  await gateway.stop();
});
