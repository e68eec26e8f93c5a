// The explore screen, as a person uses it: one metric in every way, and what it gives away is what it shows.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openPage, rawOf, startBrowser } from './browser.mjs';
import { endChildren, ENVIRONMENT, PROGRAM, startGateway, until } from './gateway.mjs';

const limit = { timeout: 90_000 };
const METRIC = 'shop.latency';
let browser;
let gateway;
/** A moment at which everything that was sent is in the past, ms since the epoch. */
let moment;

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway();
  // Two routes in two bands: /slow alone makes the upper one. Regions are alike.
  for (let n = 0; n < 50; n++) {
    const region = n % 2 ? 'eu' : 'us';
    await gateway.statsd(
      [
        `${METRIC}:${10 + (n % 5)}|ms|#route:/fast,region:${region}`,
        `${METRIC}:${400 + n}|ms|#route:/slow,region:${region}`,
        `shop.orders:2|c|#route:/fast`,
      ].join('\n'),
    );
  }
  await until('all samples', async () => {
    const q = JSON.stringify({ metric: METRIC, window: '1min', stats: ['count'] });
    const answer = await (await gateway.get(`/api/v1/query?q=${encodeURIComponent(q)}`)).json();
    moment = answer.w?.[1];
    return answer.c?.[0]?.[0] === 100;
  });
  moment += 10_000; // whole windows only, whatever they are measured by
  await until('that moment to be past', () => Date.now() > moment + 3000);
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  endChildren();
});

const address = (more = '') => `${gateway.url}/explore?m=${METRIC}&g=route&t=${moment}${more}`;

async function open(url) {
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(url);
  return { page, faults };
}
async function opened(more) {
  const { page, faults } = await open(address(more));
  await page.locator('[data-testid=value]').first().waitFor();
  return { page, faults };
}

/** The rows of the table of values: [time in ms, {name: number}], newest first. */
async function shownValues(page) {
  const values = page.locator('[data-testid=values]');
  if ((await values.locator('table').count()) === 0) await values.locator('summary').click();
  await values.locator('tbody tr').first().waitFor();
  return values.evaluate((place) => {
    const names = [...place.querySelectorAll('thead th')].slice(1).map((one) => one.textContent);
    return [...place.querySelectorAll('tbody tr')].map((row) => [
      Number(row.dataset.time),
      Object.fromEntries(
        [...row.querySelectorAll('td')].flatMap((cell, at) =>
          cell.dataset.raw === '' ? [] : [[names[at], Number(cell.dataset.raw)]],
        ),
      ),
    ]);
  });
}
/** The same from rows of CSV. */
function valuesOfCsv(text) {
  const [head, ...rows] = text.trimEnd().split('\n');
  assert.equal(head, 'time,route,p99');
  return rows.map((row) => {
    const [time, name, value] = row.split(',');
    return [Date.parse(time), name, Number(value)];
  });
}
const flat = (values) =>
  values
    .flatMap(([time, row]) => Object.entries(row).map(([name, value]) => [time, name, value]))
    .sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1));
const sorted = (rows) => rows.sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1));

async function exported(page, what) {
  const download = page.waitForEvent('download');
  await page.locator(`[data-testid=${what}]`).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('it shows lines by group, the distribution, each tag, and says so in a sentence', limit, async () => {
  const { page, faults } = await opened();
  const sentence = () => page.locator('[data-testid=sentence]').innerText();
  await until('both routes in the sentence', async () =>
    /P99 of shop\.latency .*2 values of route, highest \/slow \(4\d\d ms\), lowest \/fast \(1\d(\.\d+)? ms\)/.test(
      await sentence(),
    ),
  );
  const rows = Object.fromEntries(
    await page
      .locator('[data-testid=lines] [data-testid=value]')
      .evaluateAll((all) => all.map((one) => [one.dataset.row, Number(one.dataset.raw)])),
  );
  assert.ok(Math.abs(rows['/slow'] - 449) < 3 && Math.abs(rows['/fast'] - 14) < 0.1, JSON.stringify(rows));
  await until('the histogram to count all', async () =>
    /^100 samples, most between/.test(await page.locator('[data-testid=distribution] .note').innerText()),
  );
  const bars = (tag) =>
    page
      .locator(`[data-testid=by-tag][data-tag=${tag}] button[data-value]`)
      .evaluateAll((all) => all.map((one) => one.dataset.value));
  await until('bars of both tags', async () => (await bars('route')).length === 2 && (await bars('region')).length === 2);
  assert.deepEqual(await bars('route'), ['/slow', '/fast']);
  assert.deepEqual(faults, []);
  await page.close();
});

test('a bar filters, another tag groups, and both stand in the address', limit, async () => {
  const { page, faults } = await opened();
  await page.locator('[data-testid=by-tag][data-tag=route] button[data-value="/fast"]').click();
  await until('the filtered line', async () =>
    (await page.locator('[data-testid=lines] [data-testid=value]').evaluateAll((all) => all.map((one) => one.dataset.row))).join() === '/fast',
  );
  assert.match(decodeURIComponent(page.url()), /f=route:\/fast/);
  await page.locator('[data-testid=group]').selectOption('region');
  await page.locator('[data-testid=lines] [data-row=eu]').waitFor();
  assert.match(page.url(), /g=region/);
  await page.getByRole('button', { name: 'Without route /fast' }).click();
  await until('the filter to be gone', () => !decodeURIComponent(page.url()).includes('f='));
  await page.getByRole('button', { name: 'max' }).click();
  await until('the greatest value', async () => (await page.locator('[data-testid=lines] [data-row=eu]').getAttribute('data-raw')) === '449');
  await page.goBack();
  await until('the step back', () => !page.url().includes('s=max'));
  assert.deepEqual(faults, []);
  await page.close();
});

test('the copied curl and command line give what is shown', limit, async () => {
  const { page, faults } = await opened();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const shown = flat(await shownValues(page));
  assert.ok(shown.length >= 20, JSON.stringify(shown));
  await page.locator('[data-testid=code] summary').click();
  const copied = async (name) => {
    await page.getByRole('tab', { name }).click();
    await page.locator('[data-testid=copy-code]').click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  // The program as a person has it: by its name.
  const folder = mkdtempSync(join(tmpdir(), 'weir-explore-'));
  symlinkSync(PROGRAM, join(folder, 'weir'));
  const env = { ...ENVIRONMENT, PATH: `${folder}:${process.env.PATH}`, no_proxy: '*' };
  const run = async (text) => (await promisify(execFile)('bash', ['-c', text], { env, timeout: 30_000 })).stdout;

  const answer = JSON.parse(await run(await copied('curl')));
  const told = answer.ts.flatMap((time, at) =>
    answer.k.flatMap(([name], row) => {
      const value = answer.c[0][row][at];
      return value === null ? [] : [[time, name, value]];
    }),
  );
  assert.deepEqual(sorted(told), shown);
  assert.deepEqual(sorted(valuesOfCsv(await run(`${await copied('Command line')} --csv`))), shown);
  assert.match(await copied('JavaScript'), /weir\.history\(query, span\)/);
  assert.deepEqual(faults, []);
  await page.close();
});

test('the CSV has the values that are shown', limit, async () => {
  const { page, faults } = await opened();
  const shown = flat(await shownValues(page));
  const { name, bytes } = await exported(page, 'csv');
  assert.equal(name, 'shop.latency-p99.csv');
  assert.deepEqual(sorted(valuesOfCsv(bytes.toString())), shown);
  assert.deepEqual(faults, []);
  await page.close();
});

test('the JSON shows the same again, where no server knows the metric', limit, async () => {
  const { page, faults } = await opened();
  const shown = await shownValues(page);
  const { name, bytes } = await exported(page, 'json');
  assert.equal(name, 'shop.latency-p99.json');
  await page.goto(`${gateway.url}/explore?m=shop.orders`);
  const input = page.locator('[data-testid=import]');
  await input.waitFor({ state: 'attached' });
  await input.setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{"weir":1}') });
  await page.getByText('This file is no chart that Weir has exported.').waitFor();
  await input.setInputFiles({ name, mimeType: 'application/json', buffer: bytes });
  await page.locator('[data-testid=from-file]').waitFor();
  await until('the sentence of the file', async () =>
    (await page.locator('[data-testid=sentence]').innerText()).startsWith('P99 of shop.latency'),
  );
  assert.deepEqual(await shownValues(page), shown);
  await page.getByRole('button', { name: 'Close the file' }).click();
  await until('the live metric', async () =>
    (await page.locator('[data-testid=sentence]').innerText()).startsWith('The rate of shop.orders'),
  );
  assert.deepEqual(faults, []);
  await page.close();
});

test('the PNG is a picture of the chart, title and legend around it', limit, async () => {
  const { page, faults } = await opened();
  const canvas = await page.locator('[data-testid=lines] canvas').evaluate(({ width, height }) => ({ width, height }));
  const { name, bytes } = await exported(page, 'png');
  assert.equal(name, 'shop.latency-p99.png');
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  // The IHDR chunk begins with both sides; two lines need one row of the legend.
  assert.equal(bytes.readUInt32BE(16), canvas.width + 32);
  assert.equal(bytes.readUInt32BE(20), canvas.height + 44 + 22 + 12);
  // What it shows differs from an empty sheet.
  const colours = await page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([data], { type: 'image/png' }));
    const sheet = new OffscreenCanvas(image.width, image.height).getContext('2d');
    sheet.drawImage(image, 0, 0);
    return new Set(new Uint32Array(sheet.getImageData(0, 0, image.width, image.height).data.buffer)).size;
  }, bytes.toString('base64'));
  assert.ok(colours > 10, `${colours} colours`);
  assert.deepEqual(faults, []);
  await page.close();
});

test('a metric that is not there is said, and comes by itself', limit, async () => {
  const { page, faults } = await open(`${gateway.url}/explore?m=not.yet<img src=x>`);
  await page.locator('[data-testid=unknown]').waitFor();
  assert.match(await page.locator('[data-testid=unknown]').innerText(), /There is no metric not\.yet<img src=x>/);
  await page.goto(`${gateway.url}/explore?m=not.yet`);
  await page.locator('[data-testid=unknown]').waitFor();
  await gateway.statsd('not.yet:7|g');
  await until('its value', async () => (await rawOf(page.locator('[data-testid=lines] [data-testid=value]'))) === '7');
  assert.equal(await page.locator('[data-testid=unknown]').count(), 0);
  assert.deepEqual(faults, []);
  await page.close();
});

test('without a name there is a list to choose from', limit, async () => {
  const { page, faults } = await open(`${gateway.url}/explore`);
  await page.getByRole('searchbox').or(page.getByPlaceholder('Part of its name')).last().fill('ORDERS');
  await page.getByRole('link', { name: /^shop\.orders/ }).click();
  await page.locator('[data-testid=explore][data-metric="shop.orders"]').waitFor();
  assert.match(page.url(), /m=shop\.orders/);
  // A counter has no distribution.
  assert.equal(await page.locator('[data-testid=heat]').count(), 0);
  assert.deepEqual(faults, []);
  await page.close();
});

test('a box over the upper band names the tag that makes it', limit, async () => {
  const { page, faults } = await opened();
  await until('the heatmap to be drawn', async () =>
    /^100 samples/.test(await page.locator('[data-testid=distribution] .note').innerText()),
  );
  const over = page.locator('[data-testid=heat] .heat-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  // The upper fifth: /fast is at 10 to 14 ms, /slow at 400 to 449 of an axis that ends at some 500 ms.
  await page.mouse.move(box.x + 2, box.y + 1);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 5, { steps: 4 });
  await page.mouse.up();
  const differs = page.locator('[data-testid=differs]');
  const first = differs.locator('[data-testid=telling]').first();
  await first.waitFor();
  assert.equal(await first.getAttribute('data-tag'), 'route=/slow');
  assert.match(await first.innerText(), /100 % in the box, 0 % elsewhere/);
  assert.match(await differs.innerText(), /50 samples in the box, 50 elsewhere/);
  // The same by numbers, without a pointer: the lower band.
  await differs.getByLabel('up to').fill('100');
  await differs.getByRole('button', { name: 'What differs?' }).press('Enter');
  await until('the other route', async () => (await first.getAttribute('data-tag')) === 'route=/fast');
  await first.click();
  await until('the filter', () => decodeURIComponent(page.url()).includes('f=route:/fast'));
  assert.deepEqual(faults, []);
  await page.close();
});

for (const width of [390, 320]) {
  test(`explore scrolls nothing sideways at ${width} px`, limit, async () => {
    const long = `long.${'name'.repeat(30)}`;
    await gateway.statsd(`${long}:5|ms|#${'tag'.repeat(20)}:${'value'.repeat(30)}`);
    const { page, faults } = await openPage(browser, gateway.url);
    await page.setViewportSize({ width, height: 844 });
    for (const [path, seen] of [
      [address(), '[data-testid=by-tag] button[data-value]'],
      [`${gateway.url}/explore?m=${long}`, '[data-testid=by-tag] button[data-value]'],
      [`${gateway.url}/explore`, `a:has-text("${long}")`],
    ]) {
      await page.goto(path);
      await page.locator(seen).first().waitFor();
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${path}: ${content} of ${window}`);
    }
    assert.deepEqual(faults, []);
    await page.close();
  });
}
