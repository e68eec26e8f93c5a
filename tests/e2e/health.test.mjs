// The health screen: where everything went that came in, as a person sees it. Real program, real browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const MARKUP = '<img src=x onerror=alert(1)>';
const feed = (page) => page.locator('[data-testid=feed][data-feed="udp/statsd"]');
const lines = (page) => feed(page).locator('[data-testid=ledger][data-unit=lines]');

/** The numbers of one ledger as they stand there, by part. */
const partsOf = (ledger) =>
  ledger.locator('[data-testid=part]').evaluateAll((rows) =>
    Object.fromEntries(rows.map((row) => [row.dataset.part, Number(row.dataset.raw)])));

test('the status adds up for each feed while lines come', limit, async () => {
  const gateway = await startGateway();
  const sent = 200;
  for (let i = 0; i < sent; i++) await gateway.statsd(`a:${i}|c\nb:x|c\n\nc:1|zz`);
  const status = await until('all of it', async () => {
    const { ingest } = await (await gateway.get('/api/v1/status')).json();
    const sum = (numbers) => Object.values(numbers).reduce((total, number) => total + number, 0);
    for (const { datagrams, lines: told, samples } of ingest.feeds) {
      if (datagrams) assert.equal(datagrams.offered, datagrams.received + datagrams.kernel_dropped);
      if (told) assert.equal(told.received, told.accepted + sum(told.reasons) + sum(told.ignored) + sum(told.cut));
      const { own, overflow, late, future, limited, produced } = samples;
      assert.equal(produced, own + overflow + late + future + sum(limited));
    }
    const udp = ingest.feeds.find(({ name }) => name === 'udp/statsd');
    return udp.datagrams.offered === sent && udp;
  });
  assert.equal(status.datagrams.kernel_dropped, 0);
  assert.equal(status.lines.accepted, sent);
  assert.deepEqual(status.lines.reasons, { bad_value: sent, unknown_kind: sent });
  assert.equal(status.lines.ignored.blank, sent);
  assert.equal(status.samples.own, sent);
  await gateway.stop();
});

test('bad lines stand in the bar and by reason within seconds', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(gateway.url);
  await page.getByRole('link', { name: 'Health' }).click(); // no load: the screen comes by itself
  await feed(page).waitFor();
  assert.equal(new URL(page.url()).pathname, '/health');
  assert.match(await page.locator('[data-testid=rejects]').innerText(), /No line was rejected/);

  await gateway.statsd(`good:1|c\nbad:x|c\n${MARKUP}:1|c\n${MARKUP}:1|zz\n\ngood:2|c`);
  const parts = await until('the lines', async () => {
    const found = await partsOf(lines(page));
    return found.accepted === 3 && found;
  }, { within: 5000 });
  assert.deepEqual(parts, { accepted: 3, blank: 1, 'rejected: bad_value': 1, 'rejected: unknown_kind': 1 });

  // The bar has a slice for each, and fills its whole width.
  const bar = lines(page).locator('[data-testid=bar]');
  assert.match(await bar.getAttribute('aria-label'), /accepted 50\.00 %.*bad value 16\.67 %/);
  const { widths, whole } = await bar.evaluate((element) => ({
    widths: [...element.children].map((slice) => slice.getBoundingClientRect().width),
    whole: element.getBoundingClientRect().width,
  }));
  assert.equal(widths.length, 4);
  const gaps = widths.length - 1;
  assert.ok(Math.abs(widths.reduce((sum, width) => sum + width, gaps) - whole) < 1, `${widths} of ${whole}`);
  assert.ok(Math.abs(widths[0] / whole - 0.5) < 0.02, `${widths} of ${whole}`);

  const row = page.locator('[data-testid=reject][data-reason=bad_value]');
  assert.match(await row.innerText(), /not a number/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('who goes past a cap is named, as text whatever the name', limit, async () => {
  const gateway = await startGateway({ set: ['limits.series_per_name=10'] });
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/health`); // the address alone leads there
  await feed(page).waitFor();
  for (let i = 0; i < 40; i++) await gateway.statsd(`${MARKUP}:1|c|#user:${i}`);
  const offender = page.locator(`[data-testid=offender]`).filter({ hasText: MARKUP });
  await offender.first().waitFor({ timeout: 10_000 });
  assert.match(await offender.first().innerText(), /limits\.series_per_name/);
  assert.equal(await page.locator('[data-testid=health] img').count(), 0);
  const samples = await until('all of them', async () => {
    const found = await partsOf(feed(page).locator('[data-unit=samples]'));
    return found.own + found.overflow >= 40 && found;
  });
  assert.equal(samples.own + samples.overflow, 40);
  assert.ok(samples.overflow >= 29, JSON.stringify(samples));
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

for (const [theme, width] of [['dark', 1440], ['light', 1440], ['dark', 390], ['light', 390], ['light', 320]]) {
  test(`nothing scrolls sideways at ${width} px, ${theme}`, limit, async () => {
    const gateway = await startGateway();
    const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme: theme });
    const page = await context.newPage();
    await gateway.statsd(`${'long.'.repeat(40)}name:1|c\nbad:x|c\n:1|c`);
    await page.goto(`${gateway.url}/health`);
    await page.locator('[data-testid=reject]').first().waitFor();
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} of ${window}`);
    await context.close();
    await gateway.stop();
  });
}

after(endChildren);

test('who reads and how the archive does stand on Health, in both themes and on a phone', limit, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-health-'));
  const gateway = await startGateway({ archive: folder });
  try {
    for (const [width, theme] of [[1440, 'dark'], [390, 'light']]) {
      const { page, faults } = await openPage(browser, gateway.url);
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(`${gateway.url}/health`);
      const archive = page.locator('[data-testid=archive][data-state=ok]');
      await archive.waitFor();
      await until('what is on disk', async () => /On disk[\s\S]*of 10\.7 GB/.test(await archive.innerText()));
      assert.match(await archive.innerText(), /● writing[\s\S]*Begins[\s\S]*Holes\s+none/);
      const subscribers = page.locator('[data-testid=subscribers]');
      assert.match(await subscribers.innerText(), /\d+ connections?[\s\S]*Everybody keeps up/);
      await until('the page\'s own subscription among what costs', async () =>
        /process\.memory\.usage\s+(readers )?1/.test(await subscribers.innerText()));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
      assert.deepEqual(faults, []);
      await page.close();
    }
  } finally {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  }
});

test('without an archive it says so', limit, async () => {
  const gateway = await startGateway();
  const { page } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/health`);
  await page.locator('[data-testid=archive][data-state=off]').waitFor();
  assert.match(await page.locator('[data-testid=archive]').innerText(), /memory alone/);
  await page.close();
  await gateway.stop();
});
