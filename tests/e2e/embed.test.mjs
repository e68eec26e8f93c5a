// Charts on other people's pages and on walls: without chrome where it is allowed, a clear message where it is not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { openPage, rawOf, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
/** Pages of two other origins, one of them allowed, each with the address of `?show=` in a frame. */
const hosts = [];
let gateway;

async function host() {
  const server = createServer((request, response) => {
    const asked = new URL(request.url, 'http://x').searchParams;
    const shown = asked.get('show') ?? '';
    const hidden = asked.has('hidden') ? { 'Referrer-Policy': 'no-referrer' } : {};
    response.writeHead(200, { 'Content-Type': 'text/html', ...hidden });
    response.end(`<!doctype html><title>Host</title><h1>Somebody's page</h1>
      <iframe width="640" height="360" src="${shown.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  hosts.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}
let allowed;
let foreign;
before(async () => {
  browser = await startBrowser();
  [allowed, foreign] = [await host(), await host()];
  gateway = await startGateway({ set: [`http.origins=${allowed}`] });
  await gateway.statsd('wall.latency:120|ms|#route:/a');
});
after(async () => {
  await browser?.close();
  for (const server of hosts) server.close();
  endChildren();
});

const chart = (more = '') => `${gateway.url}/explore?m=wall.latency&embed=1&w=5m${more}`;
async function framed(origin, address) {
  const page = await browser.newPage();
  await page.goto(`${origin}/?show=${encodeURIComponent(address)}`);
  return { page, frame: page.frameLocator('iframe') };
}

test('in a page of an allowed origin there is the chart without chrome', limit, async () => {
  const { page, frame } = await framed(allowed, chart());
  await until('the value', async () => {
    await gateway.statsd('wall.latency:120|ms|#route:/a');
    return (await rawOf(frame.locator('[data-testid=value]'))) === '120';
  });
  assert.match(await frame.locator('[data-testid=sentence]').innerText(), /P99 of wall\.latency over the last 5 minutes/);
  for (const chrome of ['header.top', '.controls', '[data-testid=csv]', '[data-testid=by-tag]'])
    assert.equal(await frame.locator(chrome).count(), 0, chrome);
  const canvas = await frame.locator('canvas').first().boundingBox();
  assert.ok(canvas.height > 150 && canvas.width > 500, JSON.stringify(canvas));
  const [, inner] = page.frames();
  const sizes = await inner.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(sizes[0] <= sizes[1], `sideways scroll: ${sizes}`);
  await page.close();
});

test('in a page of another origin there is a message that says what to do', limit, async () => {
  const { page, frame } = await framed(foreign, chart());
  await until('the message', async () =>
    (await frame.locator('body').innerText()).includes(`Pages of ${foreign} may not show this Weir within them`),
  );
  assert.match(await frame.locator('body').innerText(), new RegExp(`--set http.origins=${foreign}`));
  assert.equal(await frame.locator('#app').count(), 0);
  await page.close();
});

test('a page that hides where it comes from frames nothing', limit, async () => {
  const page = await browser.newPage();
  const refused = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.goto(`${foreign}/?hidden&show=${encodeURIComponent(chart())}`);
  await until('the browser to refuse', () => refused.some((text) => /frame-ancestors/.test(text)));
  await page.close();
});

test('on a wall there are the charts alone, and they go on', limit, async () => {
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}/explore?m=wall.latency&tv=1`);
  const value = page.locator('[data-testid=value]').first();
  let sent = 200;
  await value.waitFor();
  await until('newer values', async () => {
    await gateway.statsd(`wall.latency:${(sent += 10)}|ms|#route:/a`);
    return Number(await value.getAttribute('data-raw')) >= 200;
  });
  assert.equal(await page.locator('header.top').count(), 0);
  const height = await page.locator('canvas').first().evaluate((canvas) => canvas.clientHeight);
  assert.ok(height > (await page.evaluate(() => innerHeight)) * 0.7, `${height}`);
  assert.deepEqual(faults, []);
  await page.close();
});

test('who is not signed in is told where the chart can be seen', limit, async () => {
  const guarded = await startGateway({ set: [`auth.readers=[{name: ops, hash: "sha256:${createHash('sha256').update('a token').digest('hex')}"}]`] });
  const { page } = await openPage(browser, guarded.url);
  await page.goto(`${guarded.url}/explore?m=wall.latency&embed=1`);
  const told = page.locator('[data-testid=elsewhere]');
  await told.waitFor();
  assert.match(await told.innerText(), /for who is signed in/);
  assert.equal(await told.locator('a').getAttribute('target'), '_blank');
  await page.close();
  await guarded.stop();
});
