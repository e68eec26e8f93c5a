// The table of all series, as a person scrolls and searches it: real program, real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 120_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

const SERIES = 5000;
const table = (page) => page.locator('[data-testid=series]');
const rows = (page) => page.locator('[data-testid=series-row]');
const names = (page) => rows(page).locator('a').allInnerTexts();

/** Opens the overview and goes down to the table, whose code comes when it is needed. */
async function openTable(gateway) {
  const opened = await openPage(browser, gateway.url);
  await opened.page.goto(gateway.url);
  await until('the table', async () => (await table(opened.page).count()) > 0);
  await table(opened.page).scrollIntoViewIfNeeded();
  return opened;
}

test('5,000 series: only rows in sight exist, the last is reached by scrolling, a search finds one', limit, async (t) => {
  const gateway = await startGateway();
  for (let at = 0; at < SERIES; at += 50)
    await gateway.statsd(Array.from({ length: 50 }, (_, i) => `big.table:${at + i}|g|#id:n${at + i}`).join('\n'));
  const { page, faults } = await openTable(gateway);
  await until('all series', async () => / 5000\b|^5000\b/.test(await table(page).locator('[role=status]').innerText()), { within: 30_000 });
  assert.equal(await table(page).locator('table').getAttribute('aria-rowcount'), String(SERIES + 1));
  await page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(Math.round(duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  await table(page).getByRole('button', { name: 'Now' }).click();
  await until('the greatest first', async () => (await names(page))[0] === 'big.table id=n4999');
  const scroll = table(page).locator('.series-scroll');
  await scroll.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await until('the last row', async () => (await names(page)).at(-1) === 'big.table id=n0');
  assert.ok((await rows(page).count()) < 40, 'far fewer rows than series');
  // From the key to the rows, in the page's own time.
  const took = await table(page).locator('input').evaluate(async (input) => {
    const begun = performance.now();
    input.value = 'id=n4321';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    const found = () => document.querySelectorAll('[data-testid=series-row]').length === 1;
    while (!found()) await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  });
  assert.deepEqual(await names(page), ['big.table id=n4321']);
  assert.equal(await rows(page).locator('.value').getAttribute('data-raw'), '4321');
  assert.match(await table(page).locator('[role=status]').innerText(), /^1 of 5000/);
  t.diagnostic(`search answered in ${Math.round(took)} ms; long tasks: ${await page.evaluate(() => globalThis.longTasks.join(' ')) || 'none'} ms`);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('what was scrolled past is not asked for, what is in sight is asked for once', limit, async () => {
  const gateway = await startGateway();
  await gateway.statsd(Array.from({ length: 100 }, (_, i) => `some.table:${i}|g|#id:n${i}`).join('\n'));
  const opened = await openPage(browser, gateway.url);
  const { page, faults } = opened;
  const live = new Map();
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const message = JSON.parse(String(payload));
      for (const sub of message.t === 'sub' ? [message] : (message.subs ?? []))
        if (JSON.stringify(sub.q ?? {}).includes('"id"')) live.set(sub.id, JSON.stringify(sub.q));
      if (message.t === 'unsub') live.delete(message.id);
    });
  });
  await page.goto(gateway.url);
  await until('the table', async () => (await table(page).count()) > 0);
  await table(page).scrollIntoViewIfNeeded();
  await until('all series', async () => /^100\b/.test(await table(page).locator('[role=status]').innerText()));
  const rowQueries = () => [...live.values()].filter((q) => q.includes('["id","=",'));
  await until(() => `a query a row: ${rowQueries().length}`, async () => rowQueries().length === (await rows(page).count()));
  const scroll = table(page).locator('.series-scroll');
  for (let top = 0; top <= 3000; top += 500) await scroll.evaluate((element, y) => element.scrollTo(0, y), top);
  await until(() => `again a query a row: ${rowQueries().length}`, async () => {
    const asked = rowQueries();
    return asked.length === (await rows(page).count()) && new Set(asked).size === asked.length;
  });
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('a metric and a tag that are markup are text in the table', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await until('the row', async () => {
    await gateway.statsd('<img src=x onerror=alert(1)>:7|g|#who:<script>alert(2)</script>');
    if ((await table(page).count()) === 0) return false;
    await table(page).scrollIntoViewIfNeeded();
    return (await rows(page).count()) > 0;
  }, { every: 300 });
  assert.deepEqual(await names(page), ['<img src=x onerror=alert(1)> who=<script>alert(2)</script>']);
  assert.equal(await page.locator('main img, main script').count(), 0);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});
