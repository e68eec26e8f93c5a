// The tiles: the few numbers at the top, as a person reads them: real program, real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, rawOf, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

const tile = (page, name) => page.locator(`[data-testid=tile][data-tile=${name}]`);
const numberOf = async (page, name) => {
  const text = await rawOf(tile(page, name));
  return text ? Number(text) : undefined;
};

/** The sketch's promise (DESIGN, "Aggregation"). */
const BOUND = 0.00542;

test('1,000 known timings: p99 and p50 on the tile within the bound', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const send = async () => {
    // The same distribution, 1 to 1000 ms once each, fills every window.
    for (let at = 0; at < 1000; at += 50)
      await gateway.statsd(Array.from({ length: 50 }, (_, i) => `web.latency:${at + i + 1}|ms`).join('\n'));
  };
  let shown;
  await until(() => `p99 of 1..1000, instead of ${shown}`, async () => {
    await send();
    shown = await numberOf(page, 'latency');
    return Math.abs(shown - 990) <= 990 * BOUND;
  }, { every: 300 });
  assert.match(await tile(page, 'latency').innerText(), /Latency p99\s+.*9[89]\d ms/s);
  await page.goto(`${gateway.url}/?s=p50`);
  await until(() => `p50 of 1..1000, instead of ${shown}`, async () => {
    await send();
    shown = await numberOf(page, 'latency');
    return Math.abs(shown - 500) <= 500 * BOUND;
  }, { every: 300 });
  assert.match(await tile(page, 'latency').innerText(), /Latency p50/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('errors are a share of the requests, what waits is summed, and what is lost is told', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const shown = {};
  // One of twenty fails: however many windows that fills, it is 5 %.
  const lines = 'web.requests:20|c\nweb.errors:1|c\nweb.queue.depth:3|g|#queue:a\nweb.queue.depth:4|g|#queue:b';
  await until(() => `the numbers, instead of ${JSON.stringify(shown)}`, async () => {
    await gateway.statsd(lines);
    for (const name of ['requests', 'errors', 'queue', 'dropped']) shown[name] = await numberOf(page, name);
    return shown.requests > 0 && Math.abs(shown.errors - 0.05) < 1e-9 && shown.queue === 7 && shown.dropped === 0;
  }, { every: 200 });
  assert.match(await tile(page, 'errors').innerText(), /Error ratio\s.*\s5 %/s);
  let dropped;
  await until(() => `what is lost in a span, instead of ${dropped}`, async () => {
    dropped = await tile(page, 'dropped').innerText();
    return /Dropped\s+✓\s+0 in [1-9]\d* (s|m)\s.*\s0 of \d/s.test(dropped);
  });
  await gateway.statsd('this is no metric');
  await until('the bad line among the dropped', async () => (await numberOf(page, 'dropped')) === 1);
  assert.match(await tile(page, 'dropped').innerText(), /▲\s+1 in/);
  await until('what came in', async () => (await numberOf(page, 'ingest')) > 0);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('a change against the span before has a word, a shape and a colour', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  // A span of five seconds: the baseline is the five before.
  await page.goto(`${gateway.url}/?w=5s`);
  /** Read at once: the tile is written anew each frame. */
  const change = () =>
    tile(page, 'latency').evaluate((element) => `${element.querySelector('.change').textContent} (${element.dataset.change})`);
  let value = 100;
  let text = '';
  await until(() => `no change, instead of ${text}`, async () => {
    await gateway.statsd(`web.latency:${value}|ms`);
    if ((await tile(page, 'latency').count()) === 0) return false;
    text = await change();
    return text.startsWith('±0 %') && text.endsWith('(same)');
  }, { every: 200 });
  value = 240;
  await until(() => `2.4 times as much, instead of ${text}`, async () => {
    await gateway.statsd(`web.latency:${value}|ms`);
    text = await change();
    return text.startsWith('▲2.4×');
  }, { every: 200 });
  assert.equal(text, '▲2.4×, 2.4 times the baseline (crit)');
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('the slowest groups stand in their order with their values, and obey the filters', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const rows = () =>
    page.locator('[data-testid=top-bars] li').evaluateAll((all) => all.map(({ dataset }) => `${dataset.row} ${dataset.raw}`));
  const send = () =>
    gateway.statsd('web.latency:510|ms|#service:checkout\nweb.latency:70|ms|#service:auth\nweb.latency:267|ms|#service:<i>pay</i>');
  let shown = [];
  await until(() => `three services: ${shown}`, async () => {
    await send();
    shown = await rows();
    return shown.length === 3;
  }, { every: 200 });
  assert.deepEqual(shown, ['checkout 510', '<i>pay</i> 267', 'auth 70']);
  assert.match(await page.locator('[data-testid=top-bars]').innerText(), /Slowest by service p99/);
  await page.goto(`${gateway.url}/?f=service:auth`);
  await until(() => `one service: ${shown}`, async () => {
    await send();
    shown = await rows();
    return shown.length === 1;
  }, { every: 200 });
  assert.deepEqual(shown, ['auth 70']);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('over a threshold tile and card say so in words, shape and colour; under it, no more', limit, async () => {
  const gateway = await startGateway({ set: ['thresholds=[{metric: web.latency, stat: p99, warn: 200, crit: 500}]'] });
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/?w=1m`);
  /** Tile and card at one moment. */
  const shown = () => page.evaluate(() => {
    const place = document.querySelector('[data-testid=tile][data-tile=latency]');
    if (!place) return '';
    const badge = document.querySelector('[data-testid=card][data-metric="web.latency"] [data-testid=over]');
    const text = place.querySelector('[data-testid=tile-over]').textContent.trim();
    return `${place.dataset.over}: ${text}; ${badge?.innerText.replace(/\s+/g, ' ') ?? 'none'}`;
  });
  let got = '';
  const reaches = (ms, wanted) => until(() => `${wanted}, instead of ${got}`, async () => {
    await gateway.statsd(`web.latency:${ms}|ms`);
    got = await shown();
    return got === wanted;
  }, { within: 25_000, every: 200 });
  await reaches(100, ': ; none');
  const border = () => tile(page, 'latency').evaluate((element) => getComputedStyle(element).borderColor);
  const calm = await border();
  await reaches(800, 'crit: ▲ over 500 ms; ▲ over 500 ms');
  assert.notEqual(await border(), calm);
  await reaches(100, ': ; none'); // when the large ones have left the window
  assert.equal(await border(), calm);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});
