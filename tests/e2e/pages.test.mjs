// A person's own page, served at /pages/: with a plain WebSocket, and with the SDK.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, ROOT, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
let gateway;
before(async () => {
  browser = await startBrowser();
  gateway = await startGateway({ pages: 'dashboard/examples' });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const examples = readdirSync(`${ROOT}/dashboard/examples`).filter((name) => name.endsWith('.html'));

const pause = () => new Promise((done) => setTimeout(done, 200));

/** Timings of two routes over UDP, `slow` of the second, until the test is over. */
async function sending(slow, during) {
  let isOver = false;
  const sender = (async () => {
    while (!isOver) {
      await gateway.statsd(`http.latency:12|ms|#route:/a\nhttp.latency:${slow()}|ms|#route:/b<img>`);
      await pause();
    }
  })();
  try {
    await during();
  } finally {
    isOver = true;
    await sender;
  }
}
for (const name of examples) {
  test(`/pages/${name} shows numbers that change`, limit, async () => {
    const { page, faults } = await openPage(browser, gateway.url);
    // An example that names the default port is served from another one here; its socket is led to ours.
    await page.addInitScript((ws) => {
      const Plain = WebSocket;
      window.WebSocket = class extends Plain {
        constructor(url, ...rest) {
          super(String(url).replace(/^ws:\/\/(127\.0\.0\.1|localhost):8080\/v1\/ws/, ws), ...rest);
        }
      };
    }, gateway.ws);
    let sent = 0;
    await sending(() => 40 + sent++, async () => {
      await page.goto(`${gateway.url}/pages/${name === 'index.html' ? '' : name}`);
      // What a reader gets: the text, and the names of what is drawn.
      const text = () =>
        page.evaluate(() =>
          [document.body.innerText, ...[...document.querySelectorAll('[role=img]')].map((one) => one.ariaLabel)].join('\n'),
        );
      const first = await until('a number', async () => /\d\.?\d*( |$)/m.test(await text()) && (await text()));
      await until('another number', async () => (await text()) !== first, { within: 30_000 });
    });
    assert.deepEqual(faults, []);
    await page.close();
  });
}

test('ten lines are enough for a live number', () => {
  const lines = readFileSync(`${ROOT}/dashboard/examples/ten-lines.html`, 'utf8').trim().split('\n');
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test('the table writes tags as text, in rows that follow the samples', limit, async () => {
  const { page, faults } = await openPage(browser, gateway.url);
  let value = 40;
  await sending(() => value, async () => {
    await page.goto(`${gateway.url}/pages/table.html`);
    const cell = async (route, at) =>
      page.evaluate(
        ([name, column]) =>
          [...document.querySelectorAll('tbody tr')].find((row) => row.cells[0].textContent === name)?.cells[column]
            .textContent,
        [route, at],
      );
    await until('/a at its p99', async () => Math.abs(Number(await cell('/a', 3)) - 12) < 0.2);
    await until('the odd route at its p99', async () => Number(await cell('/b<img>', 3)) >= 40);
    value = 900;
    await until('the new p99', async () => Math.abs(Number(await cell('/b<img>', 3)) - 900) < 10);
    assert.equal(await page.locator('tbody img').count(), 0);
    assert.equal(await page.locator('#state').innerText(), 'live');
  });
  assert.deepEqual(faults, []);
  await page.close();
});

test('the chart draws lines, is named by its data, follows its attributes, and says why it cannot', limit, async () => {
  const { page, faults } = await openPage(browser, gateway.url);
  await sending(() => 40, async () => {
    await page.goto(`${gateway.url}/pages/chart.html`);
    const chart = page.locator('weir-chart').first();
    const name = () => chart.getAttribute('aria-label');
    await until('a name with both routes', async () => /http.latency p99: \/b<img> \d.*, \/a 1\d/.test(await name()));
    /** Pixels of the colour that the page gave to the first line. */
    const drawn = () =>
      chart.evaluate((element) => {
        const canvas = element.shadowRoot.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if (data[at] === 0x2a && data[at + 1] === 0x78 && data[at + 2] === 0xd6) count++;
        return count;
      });
    assert.ok((await drawn()) >= 64, 'the mark of the first line');
    await chart.evaluate((element) => element.setAttribute('span', '10s'));
    await until('a longer line', async () => (await drawn()) > 100);
    await chart.evaluate((element) => element.setAttribute('stat', 'max'));
    await until('the new statistic', async () => /http.latency max: \/b<img> 40, \/a 12, over 10 s/.test(await name()));
    await chart.evaluate((element) => element.setAttribute('stat', 'p101'));
    await until('the reason', async () => /p101/.test(await name()));
    assert.equal(await chart.evaluate((element) => element.state), 'closed');
    await chart.evaluate((element) => element.setAttribute('stat', 'p50'));
    await until('life again', async () => /p50: .*40/.test(await name()));
  });
  assert.deepEqual(faults, []);
  await page.close();
});

test('where no WebSocket gets through the numbers come as Server-Sent Events', limit, async () => {
  const { page } = await openPage(browser, gateway.url);
  await page.addInitScript(() => {
    const Plain = WebSocket;
    window.dialled = 0;
    window.WebSocket = class extends Plain {
      constructor(url, ...rest) {
        window.dialled++;
        super(String(url).replace(/:\d+/, ':1'), ...rest); // nobody is there
      }
    };
  });
  await page.goto(`${gateway.url}/pages/sdk.html`);
  await until('live', async () => (await page.locator('#state').innerText()) === 'live');
  const numbers = () => page.locator('#numbers').innerText();
  const first = await until('a number', async () => /\d %/.test(await numbers()) && (await numbers()));
  await until('another number', async () => (await numbers()) !== first);
  assert.equal(await page.evaluate(() => window.dialled), 3);
  await page.close();
});

test('a chart whose gateway is gone keeps its lines and says that they are old', limit, async () => {
  const mortal = await startGateway({ pages: 'dashboard/examples' });
  const { page } = await openPage(browser, mortal.url);
  await mortal.statsd('http.latency:12|ms|#route:/a');
  await page.goto(`${mortal.url}/pages/chart.html`);
  const name = () => page.locator('weir-chart').first().getAttribute('aria-label');
  await until('a line', async () => /p99: \/a 1\d/.test(await name()));
  await mortal.stop();
  await until('the truth', async () => /p99: \/a 1\d.*, old: reconnecting/.test(await name()));
  await page.close();
});

test('the element works under the strict Content-Security-Policy with Trusted Types', limit, async () => {
  const { page, faults } = await openPage(browser, gateway.url);
  await gateway.statsd('http.latency:12|ms|#route:/a');
  await page.goto(gateway.url); // the dashboard's own policy
  assert.match((await gateway.get('/')).headers.get('content-security-policy'), /require-trusted-types-for 'script'/);
  const label = await page.evaluate(async () => {
    await import('/weir-chart.js');
    const chart = document.createElement('weir-chart');
    chart.setAttribute('metric', 'http.latency');
    document.body.append(chart);
    while (chart.state !== 'live') await new Promise((done) => setTimeout(done, 20));
    await new Promise((done) => setTimeout(done, 100));
    return chart.getAttribute('aria-label');
  });
  assert.match(label, /^http\.latency mean: /);
  assert.deepEqual(faults, []);
  await page.close();
});

test('/weir.js is the SDK, and a page that climbs out of the folder is not served', limit, async () => {
  const sdk = await gateway.get('/weir.js');
  assert.match(sdk.headers.get('content-type'), /javascript/);
  assert.match(await sdk.text(), /export\s*\{/);
  for (const path of ['/pages/..%2fapp%2findex.html', '/pages/%2e%2e/package.json', '/pages/nothing.html'])
    assert.ok([400, 404].includes((await gateway.get(path)).status), path);
});

after(endChildren);
