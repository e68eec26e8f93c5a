// Rejected lines on the health screen: the line, why, and where reading gave up. Real program, real browser.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  endChildren();
});

const rejected = async (gateway, query = '') => (await gateway.get(`/api/v1/rejected${query}`)).json();
const lineOf = (page, reason) =>
  page.locator(`[data-testid=rejected-line][data-reason=${reason}]`).first();

test('a bad line stands on Health with its reason and place within two seconds', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/health`);
  await page.locator('[data-testid=health]').waitFor();
  assert.equal(await page.locator('[data-testid=rejected]').count(), 0);

  const sent = Date.now();
  await gateway.statsd('checkout.latency:0x10|ms|#service:shop');
  const line = lineOf(page, 'bad_value');
  await line.waitFor({ timeout: 2000 });
  assert.ok(Date.now() - sent < 2000, `${Date.now() - sent} ms`);
  const text = await line.innerText();
  assert.match(text, /not a number/);
  assert.match(text, /column 18 · udp\/statsd · from 127\.0\.0\.1/);
  const code = line.locator('code');
  assert.equal(await code.textContent(), 'checkout.latency:0x10|ms|#service:shop');
  assert.equal(await code.locator('[data-testid=mark]').textContent(), '0');
  // The arrow is under the byte that it means.
  const [mark, whole] = await Promise.all([code.locator('[data-testid=mark]').boundingBox(), code.boundingBox()]);
  assert.ok(mark.x > whole.x + 17 * mark.width && mark.x < whole.x + 20 * mark.width, JSON.stringify({ mark, whole }));
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('what senders wrote is text, however ugly, and nothing scrolls sideways', limit, async () => {
  const gateway = await startGateway();
  const markup = '<img src=x onerror=alert(1)>';
  const turned = 'a\u202Egnp.exe:x|c';
  await gateway.statsd(`${markup}:1|zz`);
  await gateway.statsd(turned);
  await gateway.statsd(Buffer.from('6162ff00633a317c63', 'hex'));
  await gateway.statsd(`${'long.name.'.repeat(20)}:${'y'.repeat(3000)}|c`);
  for (const theme of ['dark', 'light']) {
    const { page, faults } = await openPage(browser, gateway.url);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${gateway.url}/health`);
    await until('four lines', async () => (await page.locator('[data-testid=rejected-line]').count()) === 4);
    assert.equal(await page.locator('[data-testid=rejected] img').count(), 0);
    assert.equal(await lineOf(page, 'unknown_kind').locator('code').textContent(), `${markup}:1|zz`);
    assert.equal(await lineOf(page, 'bad_utf8').locator('code').textContent(), 'ab\\xff\\x00c:1|c');
    const shown = await page.locator('[data-testid=rejected]').innerText();
    assert.ok(!shown.includes('\u202E'));
    assert.ok(shown.includes('…'), 'the long one is cut');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px, ${theme}`);
    assert.deepEqual(faults, []);
    await page.close();
  }
  await gateway.stop();
});

test('each way in tells its bad lines, and of a flood a few', limit, async () => {
  const gateway = await startGateway();
  const port = Number(gateway.address('tcp/statsd').split(':')[1]);
  const socket = net.connect(port, '127.0.0.1');
  socket.end('tcp.bad:1\n');
  await gateway.get('/api/v1/write', { method: 'POST', body: 'http.bad:1|q\n' });
  await gateway.statsd('udp.bad|c');
  const byFeed = await until('three feeds', async () => {
    const { items } = await rejected(gateway);
    return items.length === 3 && Object.fromEntries(items.map((item) => [item.feed, item]));
  });
  assert.equal(byFeed['tcp/statsd'].reason, 'missing_kind');
  assert.equal(byFeed['http/statsd'].reason, 'unknown_kind');
  assert.equal(byFeed['udp/statsd'].column, 8);

  for (let i = 0; i < 100; i++) await gateway.statsd('x\n'.repeat(100));
  const { items, passed_over } = await until('the flood', async () => {
    const answer = await rejected(gateway);
    return answer.passed_over > 0 && answer;
  });
  assert.ok(items.length <= 20);
  assert.ok(passed_over > 5000, `${passed_over}`);
  const one = await rejected(gateway, '?feed=tcp/statsd');
  assert.deepEqual(one.items.map(({ text }) => text), ['tcp.bad:1'], 'one flood hides no other feed');
  await gateway.stop();
});
