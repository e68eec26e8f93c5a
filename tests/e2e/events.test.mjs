// Events and service checks on their way from a datagram to a person's eye. Real program, real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const eventLine = (title, text, more = '') =>
  `_e{${Buffer.byteLength(title)},${Buffer.byteLength(text)}}:${title}|${text}${more}`;
const eventRow = (page, title) => page.locator('[data-testid=event]').filter({ hasText: title });

test('an event and a service check sent by UDP are on the charts and on Health', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await gateway.statsd('shop.latency:12|ms');
  await page.goto(gateway.url);
  const card = page.locator('[data-testid=card][data-metric="shop.latency"]');
  await card.locator('.u-over').waitFor();
  assert.equal(await card.locator('[data-testid=mark]').count(), 0);

  const began = Date.now();
  await gateway.statsd(`${eventLine('deploy shop', 'v2.14\\nby ada', '|t:warning|h:web-1|#env:prod')}`);
  const mark = card.locator('[data-testid=mark][data-level=warning]');
  await mark.waitFor({ state: 'attached', timeout: 5000 });
  // The line stands where its time is: a chart shows the last 60 s, the newest at its right edge.
  await until('the mark at its place', async () => {
    const { at, width } = await mark.evaluate((line) => {
      const over = line.closest('.u-over').getBoundingClientRect();
      return { at: line.getBoundingClientRect().left - over.left, width: over.width };
    });
    const seconds = ((width - at) / width) * 60;
    const age = (Date.now() - began) / 1000;
    return seconds > 0 && Math.abs(seconds - age) < 2.5;
  });
  assert.match(await card.locator('[role=img]').getAttribute('aria-label'), /1 event: deploy shop \(warning\)/);

  const tip = mark.locator('.mark-tip');
  assert.equal(await tip.isVisible(), false);
  await card.scrollIntoViewIfNeeded();
  await mark.locator('.mark-shape').hover();
  await until('the tip', () => tip.isVisible());
  assert.match(await tip.innerText(), /deploy shop[^]*warning · web-1[^]*v2\.14 by ada/);

  await gateway.statsd('_sc|db.up|2|h:db-1|#env:prod|m:no answer\n_sc|cache.up|0|h:web-1');
  await page.getByRole('link', { name: 'Health' }).click();
  const checks = page.locator('[data-testid=check]');
  await until('both checks', async () => (await checks.count()) === 2);
  assert.match(await checks.first().innerText(), /db\.up[^]*critical[^]*no answer[^]*env:prod[^]*db-1/);
  assert.equal(await checks.nth(1).getAttribute('data-status'), 'ok');
  assert.match(await eventRow(page, 'deploy shop').innerText(), /warning[^]*v2\.14\nby ada[^]*web-1/);
  assert.match(await eventRow(page, 'db.up').innerText(), /critical/);

  // A check that recovers says so without a reload; one that repeats itself is no news.
  await gateway.statsd('_sc|db.up|0|h:db-1|#env:prod|m:back\n_sc|cache.up|0|h:web-1');
  await until('db.up is ok', async () => (await checks.filter({ hasText: 'db.up' }).getAttribute('data-status')) === 'ok');
  await until('its change', async () => (await eventRow(page, 'db.up').count()) === 2);
  assert.equal(await eventRow(page, 'cache.up').count(), 0, 'well from the start, and still');
  assert.equal(await gateway.metric('weir_annotations_total{result="kept"}'), 3);
  assert.equal(await gateway.metric('weir_annotations_total{result="unchanged"}'), 2);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('an event posted over HTTP is a mark like any other', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const card = page.locator('[data-testid=card]').first();
  await card.locator('.u-over').waitFor();
  const answer = await gateway.get('/api/v1/write?format=statsd', {
    method: 'POST',
    body: eventLine('rolled back', 'v2.13', '|t:success'),
  });
  assert.equal(answer.status, 204);
  await card.locator('[data-testid=mark][data-level=success]').waitFor({ state: 'attached', timeout: 5000 });
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('what senders wrote is text everywhere, and turns nothing around', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked++;
    void dialog.dismiss();
  });
  const markup = '<script>alert(1)</script><img src=x onerror=alert(2)>';
  const bidi = '\u202Egpj.exe\u0007\u2066';
  await gateway.statsd(eventLine(`${markup}${bidi}`, markup, `|h:${markup}|k:${markup}|s:${markup}|#tag:<b>bold</b>`));
  await gateway.statsd(`_sc|${markup}|3|h:${bidi}|m:${markup}`);
  await page.goto(gateway.url);
  const mark = page.locator('[data-testid=card]').first().locator('[data-testid=mark]').first();
  await mark.waitFor({ state: 'attached' });
  const told = await mark.locator('.mark-tip').evaluate((tip) => tip.textContent);
  assert.ok(told.includes('<script>alert(1)</script>'), told);

  await page.goto(`${gateway.url}/health`);
  const row = page.locator('[data-testid=event]').filter({ hasText: 'bold' });
  await row.waitFor();
  const text = await row.evaluate((element) => element.textContent);
  assert.ok(text.includes(markup) && text.includes('tag:<b>bold</b>'), text);
  assert.ok(text.includes('\uFFFDgpj.exe\uFFFD\uFFFD'), 'what hides or turns is seen as such');
  const check = page.locator('[data-testid=check][data-status=unknown]');
  await check.waitFor();
  assert.ok((await check.innerText()).includes(markup));
  assert.equal(await page.locator('main script, main img, main td b').count(), 0);
  assert.doesNotMatch(await page.locator('main').evaluate((main) => main.textContent), /[\u202A-\u202E\u2066-\u2069]/);
  assert.equal(asked, 0);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('parts of good lines that were left out are told in words', limit, async () => {
  const gateway = await startGateway();
  const { page } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/health`);
  const feed = page.locator('[data-testid=feed][data-feed="udp/statsd"]');
  await feed.waitFor();
  await gateway.statsd('g:1|g|@0.5\na:1|c|zz:9\nb:1|c|zz:9');
  await feed.getByText('1 sample rate left out: a gauge or a set has none').waitFor({ timeout: 5000 });
  await feed.getByText('2 unknown fields left out: the rest of the line was counted').waitFor();
  await page.close();
  await gateway.stop();
});

for (const width of [390, 320]) {
  test(`long events and checks scroll nothing sideways at ${width} px`, limit, async () => {
    const gateway = await startGateway();
    const context = await browser.newContext({ viewport: { width, height: 844 } });
    const page = await context.newPage();
    const long = 'x'.repeat(240);
    await gateway.statsd('shop.orders:1|c'); // its card stands first: what is not on the screen is not drawn
    await gateway.statsd(eventLine(long, long.repeat(4), `|h:${long}|#${'t'.repeat(100)}:${long}`));
    await gateway.statsd(`_sc|${long}|1|h:${long}|m:${long}`);
    for (const path of ['/', '/health']) {
      await page.goto(gateway.url + path);
      await page.locator(path === '/' ? '[data-testid=mark]' : '[data-testid=event]').first().waitFor({ state: path === '/' ? 'attached' : 'visible' });
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${path}: ${content} of ${window}`);
    }
    await context.close();
    await gateway.stop();
  });
}

after(endChildren);
