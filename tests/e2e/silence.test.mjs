// Of a sender that stops, as a person sees it: real program, real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, rawOf, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const SAID_MS = 5000;
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

test('where a sender stops it says so within five seconds, and the line ends and does not fall to zero', { timeout: 90_000 }, async (t) => {
  const gateway = await startGateway();
  const send = () => void gateway.statsd('steady.orders:5|c');
  const timer = setInterval(send, 100);
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/?w=1m`);
  const card = page.locator('[data-testid=card][data-metric="steady.orders"]');
  const value = card.locator('[data-testid=value]').first();
  const raw = () => rawOf(value);
  await card.waitFor({ timeout: 20_000 });
  await card.scrollIntoViewIfNeeded();
  await until('a steady number', async () => Number(await raw()) > 40, { within: 30_000 });
  // When it is said is measured by the page's own clock: this process waits for its turn, too.
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector('[data-metric="steady.orders"] [data-testid=no-data]')) globalThis.saidAt ??= Date.now();
    }).observe(document.body, { childList: true, subtree: true });
  });
  clearInterval(timer);
  send();
  const stopped = Date.now();
  const took = (await until('no data', () => page.evaluate(() => globalThis.saidAt))) - stopped;
  t.diagnostic(`said after ${took} ms`);
  assert.ok(took < SAID_MS, `${took} ms`);
  const badge = card.locator('[data-testid=no-data]');
  assert.match(await badge.innerText(), /no data\s+\d+ s/);
  // While windows without it go by, it is said to be nothing, and not zero: beside the chart and in the table behind it.
  const shown = new Set();
  await until('eight seconds without it', async () => {
    shown.add(await raw());
    return Number(/no data\s+(\d+) s/.exec(await badge.innerText())?.[1]) >= 8;
  });
  assert.deepEqual([...shown], ['']);
  await card.locator('.plot').focus();
  await card.locator('.plot').press('d');
  const cells = await card.locator('[data-testid=points] tbody td').allInnerTexts();
  assert.ok(cells.some((text) => /[1-9]/.test(text)) && !cells.some((text) => /^0\b/.test(text)), cells.join());
  assert.doesNotMatch(cells[0], /\d/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});
