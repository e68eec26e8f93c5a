// The distribution of a timer, as a person sees it who points at it: real program, real browser.
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
after(endChildren);

const panel = (page) => page.locator('[data-testid=distribution]');

/** Of each line of pixels of the plot, from the top: how many are coloured as some count is (neither grey nor see-through). */
const rowsLit = (page) =>
  panel(page).locator('canvas').evaluate((canvas) => {
    const over = canvas.nextElementSibling;
    const [left, top] = [over.offsetLeft, over.offsetTop].map((at) => at * devicePixelRatio);
    const [width, height] = [over.offsetWidth, over.offsetHeight].map((at) => at * devicePixelRatio);
    const { data } = canvas.getContext('2d').getImageData(left, top, width, height);
    return Array.from({ length: height }, (_, y) => {
      let lit = 0;
      for (let x = 0; x < width; x++) {
        const [red, green, blue, alpha] = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4);
        if (alpha === 255 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) lit++;
      }
      return lit;
    });
  });

/** A drawn quantile and its grey rim, in pixels: they part no band that they run through. */
const QUANTILE_HEIGHT = 4;

/** Runs of lines, each with its first and last, in which at least this many pixels are lit. */
function runsOf(rows, least) {
  const runs = [];
  rows.forEach((lit, y) => {
    if (lit < least) return;
    if (runs.at(-1)?.last >= y - 1 - QUANTILE_HEIGHT) runs.at(-1).last = y;
    else runs.push({ first: y, last: y });
  });
  return runs;
}

/** What the tip says when the pointer rests at this height, at the newest window. */
async function pointAt(page, y) {
  const box = await panel(page).locator('.heat-over').boundingBox();
  const tip = panel(page).locator('[data-testid=heat-tip]');
  await page.mouse.move(box.x + box.width - 1, box.y + 2);
  await page.mouse.move(box.x + box.width - 2, box.y + y);
  await tip.waitFor();
  const { low, high, count } = await tip.evaluate(({ dataset }) => ({ ...dataset }));
  return { low: Number(low), high: Number(high), count: Number(count), text: await tip.innerText() };
}

test('values of two sizes are two bright bands with dark between; the tip holds the value that was sent', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const burst = ['20', '500'].flatMap((ms) => Array.from({ length: 10 }, () => `two.latency:${ms}|ms`)).join('\n');
  let bands = [];
  await until(() => `two bands: ${JSON.stringify(bands)}`, async () => {
    await gateway.statsd(burst);
    if ((await panel(page).count()) === 0) return false;
    const rows = await rowsLit(page);
    bands = runsOf(rows, 20);
    return bands.length === 2 && bands[1].first - bands[0].last > 20;
  }, { every: 200, within: 30_000 });
  const middle = ({ first, last }) => (first + last) / 2;
  let upper;
  // The newest window may close between two looks, and be one in which nothing came.
  await until(() => `500 at the upper band: ${JSON.stringify(upper)}`, async () => {
    await gateway.statsd(burst);
    upper = await pointAt(page, middle(bands[0]));
    return upper.low <= 500 && 500 <= upper.high && upper.count > 0;
  }, { every: 200 });
  assert.ok(upper.high / upper.low < 1.5, `${upper.low} to ${upper.high} is no narrow band`);
  assert.match(upper.text, /samples/);
  assert.match(upper.text, /p99 500 ms/);
  let lower;
  await until(() => `20 at the lower band: ${JSON.stringify(lower)}`, async () => {
    await gateway.statsd(burst);
    lower = await pointAt(page, middle(bands[1]));
    return lower.low <= 20 && 20 <= lower.high && lower.count > 0;
  }, { every: 200 });
  let between;
  // The tip follows with the next picture, which a busy machine draws later.
  await until(() => `nothing between them: ${JSON.stringify(between)}`, async () => {
    between = await pointAt(page, (bands[0].last + bands[1].first) / 2);
    return lower.high < between.low && between.high < upper.low;
  }, { every: 200 });
  assert.equal(between.count, 0);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('an event stands over the distribution with its title, and a name that is markup is text', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const name = '<img src=x onerror=alert(1)>.latency';
  await until('the distribution', async () => {
    await gateway.statsd(`${name}:20|ms`);
    return (await panel(page).count()) > 0;
  }, { every: 200 });
  assert.match(await panel(page).locator('h2').innerText(), /<img src=x onerror=alert\(1\)>\.latency/);
  assert.equal(await page.locator('main img').count(), 0);
  const title = '<b>deploy</b> 2.14';
  await gateway.statsd(`_e{${title.length},2}:${title}|ok`);
  const mark = panel(page).locator('[data-testid=mark]');
  await mark.waitFor();
  await mark.locator('.mark-shape').hover();
  assert.match(await mark.innerText(), /<b>deploy<\/b> 2\.14/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});
