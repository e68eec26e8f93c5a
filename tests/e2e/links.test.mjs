// What a person sees of the connection between page and gateway: slow, cut, restored, hidden; and a chart by keys alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';
import { startProxy } from './rough_proxy.mjs';

const limit = { timeout: 150_000 };
const CUT_MS = 20_000;
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

const card = (page, metric) => page.locator(`[data-testid=card][data-metric="${metric}"]`);
const linkIs = (page, state) => page.locator(`[data-testid=link][data-state=${state}]`).waitFor({ timeout: 40_000 });
const linkSays = (page) => page.locator('[data-testid=link]').innerText();

/** Seconds of the epoch with a sample well inside them: a busy machine may leave this process none of its time in one. */
const sent = new Set();
const isInside = (ms) => ms % 1000 >= 100 && ms % 1000 < 800;

/** Samples of a gauge that is its own second, until it is told to stop. */
function ticking(gateway, metric) {
  const timer = setInterval(() => {
    const now = Date.now();
    void gateway.statsd(`${metric}:${Math.floor(now / 1000) % 1000}|g`);
    if (isInside(now)) sent.add(Math.floor(now / 1000));
  }, 100);
  return () => clearInterval(timer);
}

/** The rows of the table behind a chart, oldest first: seconds of the day, and what stands there. */
async function points(page, metric) {
  const plot = card(page, metric).locator('.plot');
  await plot.focus();
  await plot.press('d');
  const rows = await card(page, metric)
    .locator('[data-testid=points] tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent.trim())));
  await plot.press('d');
  return rows
    .map(([time, ...values]) => {
      const [h, m, s] = time.split(':').map(Number);
      return { second: h * 3600 + m * 60 + s, values };
    })
    .sort((a, b) => a.second - b.second);
}

const secondOfDay = (ms) => {
  const at = new Date(ms);
  return at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds();
};

/** Every second of [from, until) that had a sample stands in the table with a number. */
async function everySecondIsThere(page, metric, from, until_) {
  const seconds = [];
  for (let ms = from; ms < until_; ms += 1000) if (sent.has(Math.floor(ms / 1000))) seconds.push(ms);
  assert.ok(seconds.length > (until_ - from) / 2000, 'most seconds had a sample');
  await until(
    () => `every second of ${metric}`,
    async () => {
      const rows = await points(page, metric);
      const known = new Map(rows.map(({ second, values }) => [second, values[0]]));
      return seconds.every((ms) => /\d/.test(known.get(secondOfDay(ms)) ?? ''));
    },
    { within: 30_000, every: 500 },
  );
}

test('a stalled link is Slow, a cut one Reconnecting; restored it is Connected, and every second is there', limit, async () => {
  const gateway = await startGateway();
  const proxy = await startProxy(() => Number(gateway.http.split(':')[1]));
  const stop = ticking(gateway, 'steady.second');
  const { page } = await openPage(browser, `http://127.0.0.1:${proxy.port}`);
  await page.goto(`http://127.0.0.1:${proxy.port}/`);
  await card(page, 'steady.second').waitFor({ timeout: 20_000 });
  await linkIs(page, 'live');
  await card(page, 'steady.second').scrollIntoViewIfNeeded();
  const from = Date.now() + 2_000;
  await pause(4_000);

  for (const link of proxy.links()) link.stall(9_000);
  await linkIs(page, 'slow');
  assert.match(await linkSays(page), /^\W*Slow\s+\d+ s behind$/);
  await linkIs(page, 'live');

  proxy.shut(true);
  await linkIs(page, 'reconnecting');
  await until('how long it waits', async () => /Reconnecting\s+in \d+ s/.test(await linkSays(page)));
  assert.equal(await card(page, 'steady.second').getAttribute('data-link'), 'reconnecting', 'the chart says so too');
  await pause(CUT_MS);
  proxy.shut(false);
  await linkIs(page, 'live');
  await everySecondIsThere(page, 'steady.second', from, Date.now() - 3_000);
  stop();
  await page.close();
  proxy.close();
  await gateway.stop();
});

test('a hidden tab asks for little, and shows a whole line when it is seen again', limit, async () => {
  const gateway = await startGateway();
  const stop = ticking(gateway, 'steady.second');
  const { page, faults } = await openPage(browser, gateway.url);
  let messages = 0;
  page.on('websocket', (socket) => socket.on('framereceived', () => (messages += 1)));
  await page.addInitScript(() => {
    globalThis.isHidden = false;
    Object.defineProperty(document, 'hidden', { get: () => globalThis.isHidden });
    Object.defineProperty(document, 'visibilityState', { get: () => (globalThis.isHidden ? 'hidden' : 'visible') });
  });
  const hide = (hidden) =>
    page.evaluate((is) => {
      globalThis.isHidden = is;
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await page.goto(gateway.url);
  await card(page, 'steady.second').waitFor({ timeout: 20_000 });
  await linkIs(page, 'live');
  const from = Date.now() + 1_000;
  await pause(3_000);
  await hide(true);
  await pause(2_000); // what was under way arrives
  messages = 0;
  const SECONDS = 15;
  await pause(SECONDS * 1_000);
  assert.ok(messages <= SECONDS, `${messages} messages in ${SECONDS} s`);
  await hide(false);
  await card(page, 'steady.second').scrollIntoViewIfNeeded();
  await everySecondIsThere(page, 'steady.second', from, Date.now() - 3_000);
  assert.deepEqual(faults, []);
  stop();
  await page.close();
  await gateway.stop();
});

test('by keys alone a chart is reached, its points are walked, and what is said is what was sent', limit, async () => {
  const gateway = await startGateway();
  const timer = setInterval(() => void gateway.statsd('steady.value:42|g'), 100);
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await card(page, 'steady.value').waitFor({ timeout: 20_000 });
  await until('three points', async () => {
    const rows = await points(page, 'steady.value');
    return rows.filter(({ values }) => /\d/.test(values[0])).length >= 3;
  });
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest('[data-testid=card]')?.getAttribute('data-metric') ?? '');
  await until('the chart to be reached', async () => {
    await page.keyboard.press('Tab');
    return (await focused()) === 'steady.value' && page.evaluate(() => document.activeElement.matches('.plot'));
  }, { every: 0, within: 40_000 });
  await page.keyboard.press('End');
  const said = () => page.locator('[data-testid=aloud]').textContent();
  await until('a value', async () => /\b42\b/.test(await said()));
  const newest = await said();
  await page.keyboard.press('ArrowLeft');
  await until('the point before', async () => (await said()) !== newest);
  assert.match(await said(), /\b42\b/);
  assert.deepEqual(faults, []);
  clearInterval(timer);
  await page.close();
  await gateway.stop();
});
