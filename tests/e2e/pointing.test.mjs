// What the pointer does over charts: the window that the axis shows, the crosshair that all charts share, the part of time
// that a drag looks at. Real program, real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 90_000 };
/** High enough that every chart can be seen: what nobody sees is not drawn. */
const VIEWPORT = { width: 1440, height: 2600 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

const card = (page, metric) => page.locator(`[data-testid=card][data-metric="${metric}"]`);
/** What a pointer points at: the plot inside of the axes. */
const plot = (page, metric) => card(page, metric).locator('.u-over');
const heat = (page) => page.locator('[data-testid=distribution] .heat-over');

/** Where a line that follows the pointer stands in its plot, as a share of the width; nothing while there is none. */
const shareOf = (over, line) =>
  over.evaluate((element, name) => {
    const found = element.querySelector(name);
    if (!found || found.hidden) return undefined;
    const box = element.getBoundingClientRect();
    return (found.getBoundingClientRect().left - box.left) / box.width;
  }, line);
/** The same of a chart's crosshair, and the moment that it says, in ms. */
const crossing = async (page, metric) => {
  const share = await shareOf(plot(page, metric), '[data-testid=crosshair]');
  if (share === undefined) return undefined;
  const line = card(page, metric).locator('[data-testid=crosshair]');
  return { share, at: Number(await line.getAttribute('data-at')) };
};

/** Points into the plot, `share` of its width from the left; gives the moment that the chart says it shows there. */
async function pointAt(page, metric, share) {
  let seen;
  await until(() => `the crosshair of ${metric} at ${share}: ${JSON.stringify(seen)}`, async () => {
    const box = await plot(page, metric).boundingBox();
    if (!box) return false; // a chart that learns its lines is made anew
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    seen = await crossing(page, metric);
    return seen && Math.abs(seen.share - share) < 0.01;
  });
  return seen.at;
}

/** How long the time is that this chart shows, by its own axis. */
async function spanOf(page, metric) {
  const [first, last] = [await pointAt(page, metric, 0.1), await pointAt(page, metric, 0.9)];
  return (last - first) / 0.8;
}
/** Of a live axis that moves on between two looks, under load for some seconds. */
const spans = (page, metric, seconds) => {
  let span;
  return until(() => `an axis of ${seconds} s: ${span} ms`, async () => {
    span = await spanOf(page, metric);
    return Math.abs(span / 1000 - seconds) < seconds * 0.04;
  });
};

/** A page that shows two metrics and the distribution of one; `end` closes it all. */
async function shop(address) {
  const gateway = await startGateway();
  const send = () =>
    void gateway.statsd('shop.latency:20|ms|#route:a\nshop.latency:40|ms|#route:b\nshop.size:5|ms\nshop.orders:3|c');
  send();
  const timer = setInterval(send, 200);
  const { page, faults } = await openPage(browser, gateway.url);
  await page.setViewportSize(VIEWPORT);
  await page.goto(gateway.url + address);
  for (const metric of ['shop.latency', 'shop.size']) await plot(page, metric).waitFor({ timeout: 20_000 });
  await until('the distribution', async () => (await heat(page).count()) > 0 && (await heat(page).boundingBox())?.width > 100);
  const end = async () => {
    clearInterval(timer);
    assert.deepEqual(faults, []);
    await page.close();
    await gateway.stop();
  };
  return { page, end };
}

test('a window of one minute is what the axis shows', limit, async () => {
  const { page, end } = await shop('/?w=5m');
  await spans(page, 'shop.latency', 300);
  await page.keyboard.press('1');
  await until('another address', () => !/[?&]w=5m/.test(page.url()));
  for (const metric of ['shop.latency', 'shop.size']) await spans(page, metric, 60);
  await end();
});

test('who points at one chart sees the same moment in another and on the heatmap, and the other way round', limit, async () => {
  const { page, end } = await shop('/?w=1m');
  await page.keyboard.press('Space'); // so that no axis moves on
  await until('a paused address', () => /[?&]t=\d+/.test(page.url()));
  const onHeat = [];
  for (const share of [0.4, 0.8]) {
    const time = await pointAt(page, 'shop.latency', share);
    const other = await until('the other chart', () => crossing(page, 'shop.size'));
    assert.ok(Math.abs(other.at - time) <= 1 && Math.abs(other.share - share) < 0.01, `${JSON.stringify(other)} is not ${time}`);
    onHeat.push(await until('the line on the heatmap', () => shareOf(heat(page), '.heat-line')));
  }
  // Its plot has other edges: whole windows. But it is as long.
  assert.ok(Math.abs(onHeat[1] - onHeat[0] - 0.4) < 0.03, `${onHeat}`);
  await page.mouse.move(2, 2);
  await until('no crosshair', async () => !(await crossing(page, 'shop.size')));
  const box = await until('the distribution', () => heat(page).boundingBox());
  await page.mouse.move(box.x + box.width * onHeat[0], box.y + 20);
  const seen = await until('the crosshair of a chart', () => crossing(page, 'shop.size'));
  assert.ok(Math.abs(seen.share - 0.4) < 0.03, `${seen.share}`);
  await end();
});

test('a part of time that is dragged over is what all charts show; 0 shows all of it again', limit, async () => {
  const { page, end } = await shop('/?w=5m');
  const from = await pointAt(page, 'shop.latency', 0.5);
  await page.mouse.down();
  await pointAt(page, 'shop.latency', 0.7);
  const to = await pointAt(page, 'shop.latency', 0.9);
  await page.mouse.up();
  await until('an address with that part', () => /[?&]t=\d+/.test(page.url()));
  await page.mouse.move(2, 2);
  for (const metric of ['shop.latency', 'shop.size']) {
    const ends = [await pointAt(page, metric, 0.02), await pointAt(page, metric, 0.98)];
    const slack = 0.02 * (to - from) + 5000; // whole seconds; and the axis moved on between two looks
    assert.ok(Math.abs(ends[0] - from) < slack && Math.abs(ends[1] - to) < slack, `${metric}: ${ends} of ${[from, to]}`);
  }
  await page.mouse.move(2, 2);
  await page.keyboard.press('0');
  await until('the address as it was', () => !/[?&]t=/.test(page.url()));
  for (const metric of ['shop.latency', 'shop.size']) await spans(page, metric, 300);
  await end();
});
