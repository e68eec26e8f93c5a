// What a person does with the overview: choosing by tags, grouping, statistics, time, search, keys, links. Real program, real
// browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 90_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
after(endChildren);

const card = (page, metric) => page.locator(`[data-testid=card][data-metric="${metric}"]`);
const values = (page, metric) =>
  card(page, metric)
    .locator('[data-testid=value]')
    .evaluateAll((all) => Object.fromEntries(all.map(({ dataset }) => [dataset.row, dataset.raw && Number(dataset.raw)])));
const facetValue = (page, key, value) =>
  page.locator(`[data-testid=facet][data-key="${key}"] label`).filter({ has: page.getByTitle(value, { exact: true }) });

/** Sends these lines again and again, until it is called off. */
function sender(gateway, lines, every = 200) {
  const timer = setInterval(() => void gateway.statsd(lines), every);
  void gateway.statsd(lines);
  return () => clearInterval(timer);
}
const SHOP = [
  'shop.latency:20|ms|#service:cart,host:web-1',
  'shop.latency:40|ms|#service:pay,host:web-2',
  'shop.requests:3|c|#service:cart,host:web-1',
  'queue.depth:7|g|#queue:mail',
].join('\n');

test('a ticked tag keeps what has it: cards, counts and the address; a new metric comes while the page is open', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, SHOP);
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await card(page, 'queue.depth').waitFor();
  await facetValue(page, 'service', 'cart').waitFor();
  await until('the counts', async () => (await page.getByTestId('counts').innerText()) === '3 metrics · 4 series');
  await facetValue(page, 'service', 'cart').locator('input').check();
  await card(page, 'queue.depth').waitFor({ state: 'detached' });
  await until('other counts', async () => (await page.getByTestId('counts').innerText()) === '2 metrics · 2 series');
  assert.match(page.url(), /f=service:cart/);
  // Of the table, the rows that are left.
  const table = page.getByTestId('series');
  await until('the table', async () => (await table.count()) > 0);
  await table.scrollIntoViewIfNeeded();
  await until('its rows alone', async () => {
    const names = await page.getByTestId('series-row').locator('a').allInnerTexts();
    return names.length === 2 && names.every((name) => /service=cart/.test(name));
  });
  await until('its lines alone', async () => {
    const shown = await values(page, 'shop.latency');
    return Object.values(shown).length === 1 && Math.abs(Object.values(shown)[0] - 20) < 0.2;
  });
  await until('the count of another tag', async () => /\b1$/.test(await facetValue(page, 'host', 'web-1').innerText()) || /2$/.test(await facetValue(page, 'host', 'web-1').innerText()));
  await page.getByTestId('chip').click();
  await card(page, 'queue.depth').waitFor();
  assert.doesNotMatch(page.url(), /f=/);
  await gateway.statsd('brand.new:1|c');
  await card(page, 'brand.new').waitFor();
  assert.deepEqual(faults, []);
  stop();
  await page.close();
  await gateway.stop();
});

test('grouped by host the lines are hosts, of one colour in two charts and after a reload', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, SHOP + '\nshop.requests:3|c|#service:pay,host:web-2');
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await facetValue(page, 'host', 'web-1').waitFor();
  await page.getByTestId('group').selectOption('host');
  const hosts = (metric) => until(`hosts of ${metric}`, async () => {
    await card(page, metric).scrollIntoViewIfNeeded(); // what cannot be seen asks for nothing
    const names = Object.keys(await values(page, metric)).sort();
    return names.join() === 'web-1,web-2';
  });
  const colours = (metric) =>
    card(page, metric).locator('.legend li').evaluateAll((all) =>
      Object.fromEntries(all.map((one) => [
        one.querySelector('.name').textContent,
        getComputedStyle(one.querySelector('.swatch')).getPropertyValue('--series'),
      ])));
  await hosts('shop.latency');
  await hosts('shop.requests');
  const before = await colours('shop.latency');
  assert.notEqual(before['web-1'], before['web-2']);
  assert.deepEqual(await colours('shop.requests'), before);
  await page.reload();
  await hosts('shop.latency');
  assert.deepEqual(await colours('shop.latency'), before);
  assert.deepEqual(faults, []);
  stop();
  await page.close();
  await gateway.stop();
});

test('p50 and max are what was sent', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, 'one.latency:10|ms\none.latency:20|ms\none.latency:80|ms');
  const { page } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await card(page, 'one.latency').waitFor();
  for (const [name, sent] of [['p50', 20], ['max', 80], ['avg', 110 / 3]]) {
    await page.getByTestId('stats').getByRole('button', { name, exact: true }).click();
    await until(`${name} of ${sent}`, async () => Object.values(await values(page, 'one.latency')).some((value) => Math.abs(value - sent) <= sent * 0.006));
  }
  stop();
  await page.close();
  await gateway.stop();
});

test('Space holds the numbers while the server goes on, and brings now back', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, 'moving:1|c');
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await until('a number', async () => Object.values(await values(page, 'moving'))[0] > 0);
  await page.keyboard.press('Space');
  await page.getByTestId('pause').and(page.getByText('Paused')).waitFor();
  assert.match(page.url(), /[?&]t=\d+/);
  await page.getByTestId('moment').waitFor();
  const picture = () => card(page, 'moving').locator('canvas').first().evaluate((canvas) => canvas.toDataURL());
  /** The past of a moment is there when the drawing has come to rest: a busy page draws but once a second. */
  const atRest = async () => {
    let seen = await picture();
    let same = 0;
    await until('a picture at rest', async () => {
      const was = seen;
      seen = await picture();
      same = was === seen ? same + 1 : 0;
      return same === 2;
    }, { every: 700 });
    return seen;
  };
  const held = await atRest();
  const read = () => gateway.metric('weir_ingest_lines_total{feed="udp/statsd",result="accepted"}');
  const [count, shown] = [await read(), await values(page, 'moving')];
  await until('ten more samples', async () => (await read()) > count + 10);
  assert.equal(await picture(), held);
  assert.deepEqual(await values(page, 'moving'), shown);
  await page.keyboard.press('Space');
  await page.getByTestId('pause').and(page.getByText('Pause', { exact: false })).waitFor();
  assert.doesNotMatch(page.url(), /[?&]t=/);
  await until('it moves', async () => (await picture()) !== held);

  // A step back shows another part of time, forth the same again: the moment, and each pixel of axis and line.
  await page.keyboard.press('ArrowLeft');
  const first = await page.getByTestId('moment').innerText();
  const firstPicture = await atRest();
  await page.keyboard.press('ArrowLeft');
  await until('an earlier moment', async () => (await page.getByTestId('moment').innerText()) !== first);
  assert.notEqual(await atRest(), firstPicture);
  await page.keyboard.press('ArrowRight');
  await until('the same again', async () => (await page.getByTestId('moment').innerText()) === first);
  await until('the same picture', async () => (await picture()) === firstPicture);
  await page.keyboard.press('l');
  await page.getByTestId('moment').waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  stop();
  await page.close();
  await gateway.stop();
});

test('search among 5,000 names and Enter open a metric', limit, async () => {
  const gateway = await startGateway();
  for (let at = 0; at < 5000; at += 50)
    await gateway.statsd(Array.from({ length: 50 }, (_, i) => `many.metric${at + i}:1|c`).join('\n'));
  await gateway.statsd('needle.in.hay:1|c');
  const { page } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await page.locator('[data-testid=card]').first().waitFor();
  await page.keyboard.press('/');
  const field = page.getByTestId('search-field');
  await field.waitFor();
  await field.fill('metric');
  await until('many names', async () => /first 50/.test(await page.locator('dialog [role=status]').innerText()));
  await field.fill('metric4999');
  await until('the last of them', async () => (await page.getByTestId('hit').first().innerText()).startsWith('many.metric4999'));
  const took = await field.evaluate((input) => new Promise((done) => {
    const began = performance.now();
    input.value = 'needle';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    const look = () => document.querySelector('[data-testid=hit]')?.textContent.startsWith('needle')
      ? done(performance.now() - began)
      : setTimeout(look);
    look();
  }));
  console.log(`# 5,001 names answered in ${Math.round(took)} ms`);
  await field.press('Enter');
  await until('its address', () => new URL(page.url()).pathname === '/explore' && new URL(page.url()).searchParams.get('m') === 'needle.in.hay');
  await page.getByText('needle.in.hay').first().waitFor();
  await page.close();
  await gateway.stop();
});

test('a copied link opens the same view elsewhere; what of a link cannot be read is told', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, SHOP);
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(gateway.url);
  await facetValue(page, 'service', 'pay').locator('input').check();
  await page.keyboard.press('2');
  await page.getByTestId('stats').getByRole('button', { name: 'p50' }).click();
  await page.keyboard.press('c');
  await page.getByTestId('toast').getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await browser.newPage();
  await other.goto(link);
  await facetValue(other, 'service', 'pay').locator('input:checked').waitFor();
  await other.getByTestId('spans').getByRole('button', { name: '5m', pressed: true }).waitFor();
  await other.getByTestId('stats').getByRole('button', { name: 'p50', pressed: true }).waitFor();
  assert.equal(new URL(other.url()).search, new URL(page.url()).search);
  await other.goto(`${gateway.url}/?w=soon&s=p50`);
  await other.getByTestId('link-fault').getByText('w=soon').waitFor();
  stop();
  await other.close();
  await context.close();
  await gateway.stop();
});

test('themes have their colours and are kept; nothing scrolls sideways on a phone', limit, async () => {
  const gateway = await startGateway();
  const stop = sender(gateway, `${SHOP}\nshop.${'long'.repeat(40)}:1|c|#service:${'x'.repeat(150)}`);
  const { page } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const seen = new Set();
  for (let press = 0; press < 3; press++) {
    await page.keyboard.press('t');
    seen.add(await background());
  }
  assert.deepEqual([...seen].sort(), ['rgb(11, 15, 20)', 'rgb(244, 246, 249)']);
  // Each is kept, whatever the system prefers, from the first frame on.
  await page.addInitScript(() => {
    globalThis.framesSeen = [];
    const look = () => {
      if (document.body) globalThis.framesSeen.push(getComputedStyle(document.body).backgroundColor);
      if (globalThis.framesSeen.length < 20) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  for (const [theme, colour, other] of [['dark', 'rgb(11, 15, 20)', 'light'], ['light', 'rgb(244, 246, 249)', 'dark']]) {
    await page.emulateMedia({ colorScheme: other });
    while (!(await page.getByTestId('theme').getAttribute('aria-label')).includes(theme)) await page.keyboard.press('t');
    await page.reload();
    await until('twenty frames', async () => (await page.evaluate(() => globalThis.framesSeen.length)) === 20);
    assert.deepEqual([...new Set(await page.evaluate(() => globalThis.framesSeen))], [colour]);
  }
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await card(page, 'shop.latency').waitFor();
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} of ${window}`);
    await page.getByRole('button', { name: 'Filters' }).click();
    await facetValue(page, 'service', 'cart').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await facetValue(page, 'service', 'cart').waitFor({ state: 'hidden' });
  }
  stop();
  await page.close();
  await gateway.stop();
});
