// What a person sees who opens the URL: real program, real browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { openPage, rawOf, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const card = (page, metric) => page.locator(`[data-testid=card][data-metric="${metric}"]`);
const value = (page, metric) => card(page, metric).locator('[data-testid=value]').first();
const rawValue = async (page, metric) => {
  const text = await rawOf(value(page, metric));
  return text ? Number(text) : undefined;
};
/** Has the chart changed since this was first asked of it? A chart that learns its grouping is a new one. */
const chartMoved = (page, metric) =>
  card(page, metric).locator('canvas').first().evaluate((canvas) => {
    canvas.firstSeen ??= canvas.toDataURL();
    return canvas.firstSeen !== canvas.toDataURL();
  });
const linkIs = (page, state) =>
  page.locator(`[data-testid=link][data-state=${state}]`).waitFor({ timeout: 20_000 });

test('host charts move as soon as the page is open, with no packet sent', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await until('a number of the host', () => rawValue(page, 'system.memory.usage')); // how soon: latency_bench.mjs
  await until('the chart to move', () => chartMoved(page, 'system.cpu.utilization'), { within: 5000 });
  await linkIs(page, 'live');
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('a timer sent by StatsD appears with the right p99', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await linkIs(page, 'live');
  // 1 to 1000 ms once each: the 99th percentile is 990, the sketch's bound 0.5415 %.
  const timings = Array.from({ length: 1000 }, (_, i) => i + 1);
  // Sent again and again, the same distribution fills every window, however slow this machine is.
  let shown;
  await until(() => `p99 of 1..1000 to be shown, instead of ${shown}`, async () => {
    for (let at = 0; at < 1000; at += 50)
      await gateway.statsd(timings.slice(at, at + 50).map((ms) => `page.latency:${ms}|ms`).join('\n'));
    shown = await rawValue(page, 'page.latency');
    return Math.abs(shown - 990) <= 990 * 0.00542;
  }, { every: 500 });
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test("the README's command makes a card appear without a reload", limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await page.locator('[data-testid=first-run]').waitFor();
  const target = gateway.address('udp/statsd').replace(':', '/');
  execFileSync('bash', ['-c', `echo "checkout.latency:12.5|ms|#route:/pay" > /dev/udp/${target}`]);
  assert.equal(await until('its card', () => rawValue(page, 'checkout.latency')), 12.5);
  assert.match(await card(page, 'checkout.latency').innerText(), /\/pay/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('a counter shows its rate', limit, async () => {
  const gateway = await startGateway();
  const { page } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await gateway.statsd('orders:40|c');
  // 40 in a window of 10 s.
  assert.equal(await until('its card', () => rawValue(page, 'orders')), 4);
  await page.close();
  await gateway.stop();
});

test('the badge says reconnecting when the server stops, and live when it returns', limit, async () => {
  const gateway = await startGateway();
  const { page } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await linkIs(page, 'live');
  // Its card stands below the fold, and a card that nobody can see is not subscribed.
  const memory = async () => {
    await card(page, 'process.memory.usage').scrollIntoViewIfNeeded();
    return rawValue(page, 'process.memory.usage');
  };
  const before = await until('a number of the first', memory);
  await gateway.stop();
  await linkIs(page, 'reconnecting');
  const again = await startGateway({ http: gateway.http });
  await linkIs(page, 'live');
  await until('a number of the second', async () => ((await memory()) ?? before) !== before);
  await page.close();
  await again.stop();
});

after(endChildren);
