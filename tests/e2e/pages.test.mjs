// A person's own page, served at /pages/: with a plain WebSocket, and with the SDK.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
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
    await page.goto(`${gateway.url}/pages/${name === 'index.html' ? '' : name}`);
    const text = () => page.locator('body').innerText();
    const first = await until('a number', async () => /\d/.test(await text()) && (await text()));
    await until('another number', async () => (await text()) !== first);
    assert.deepEqual(faults, []);
    await page.close();
  });
}

test('there is a page with a plain WebSocket and one with the SDK', () => {
  assert.ok(examples.includes('index.html'));
  assert.ok(examples.length >= 2, examples.join());
});

test('/weir.js is the SDK, and a page that climbs out of the folder is not served', limit, async () => {
  const sdk = await gateway.get('/weir.js');
  assert.match(sdk.headers.get('content-type'), /javascript/);
  assert.match(await sdk.text(), /export\s*\{/);
  for (const path of ['/pages/..%2fapp%2findex.html', '/pages/%2e%2e/package.json', '/pages/nothing.html'])
    assert.ok([400, 404].includes((await gateway.get(path)).status), path);
});

after(endChildren);
