// The hooks on a page, as React would run them: under Preact's React, in a real browser, against the real program.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, ROOT, startGateway, until } from './gateway.mjs';

const PAGE = `<!doctype html><title>hooks</title><div id="root"></div>
<script type="importmap">{"imports": {"react": "/pages/react.js", "preact": "/pages/preact.js",
  "preact/hooks": "/pages/hooks.js"}}</script>
<script type="module">
  import { createElement as h, render, useState } from 'react';
  import { useSubscription, useWeir } from '/weir-react.js';

  function Latency({ stat }) {
    const { update, state, error } = useSubscription({ metric: 'http.latency', by: ['route'], stats: [stat] }, { rate: '250ms' });
    const table = update?.table;
    window.renders = (window.renders ?? 0) + 1;
    return h('p', {}, error ? error.code : state, ' ', stat, ' ',
      table ? [...table.rows()].map((row) => table.tags(row).route + '=' + table.get(row, stat)).join() : '');
  }
  function App() {
    const [stat, setStat] = useState('max');
    window.setStat = setStat;
    const { state } = useWeir();
    return h('main', {}, h('b', {}, state), stat && h(Latency, { stat }), stat && h(Latency, { stat }));
  }
  render(h(App), document.getElementById('root'));
</script>`;

const limit = { timeout: 60_000 };
let browser;
let gateway;
let pages;
before(async () => {
  pages = mkdtempSync(join(tmpdir(), 'weir-pages-'));
  writeFileSync(join(pages, 'index.html'), PAGE);
  for (const [from, to] of [['dist/preact', 'preact'], ['compat/dist/compat', 'react'], ['hooks/dist/hooks', 'hooks']])
    cpSync(`${ROOT}/dashboard/node_modules/preact/${from}.mjs`, join(pages, `${to}.js`));
  browser = await startBrowser();
  gateway = await startGateway({ pages });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  endChildren();
  if (pages) rmSync(pages, { recursive: true });
});

test('a component is at the newest table, asks anew only for another query, and leaves the wire with the last', limit, async () => {
  const { page, faults } = await openPage(browser, gateway.url);
  await page.addInitScript(() => {
    window.said = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
      window.said.push(JSON.parse(text));
      send.call(this, text);
    };
  });
  await gateway.statsd('http.latency:12|ms|#route:/a');
  await page.goto(`${gateway.url}/pages/`);
  const text = () => page.locator('#root').innerText();
  const shows = (pattern) => until(() => `${pattern}`, async () => pattern.test(await text()));
  const said = () => page.evaluate(() => window.said);
  const asked = async () =>
    (await said()).flatMap(({ t, subs }) => (t === 'hello' ? subs : t === 'sub' ? [t] : [])).length;

  await shows(/^live\s+live max \/a=12\s+live max \/a=12$/);
  assert.equal(await asked(), 1, 'two equal components are one on the wire');
  await gateway.statsd('http.latency:40|ms|#route:/a');
  await shows(/live max \/a=40/);
  assert.equal(await asked(), 1, 'a render with an equal query asks nothing');

  await page.evaluate(() => setStat('count'));
  await shows(/live count \/a=\d/);
  assert.equal(await asked(), 2);
  await page.evaluate(() => setStat('p101'));
  await shows(/query\.unknown_stat p101/);
  await page.evaluate(() => setStat('min'));
  await shows(/live min \/a=\d/);
  await page.evaluate(() => setStat(''));
  const left = async () => (await said()).filter(({ t }) => t === 'unsub').length;
  await until('the wire without them', async () => (await left()) === 3); // max, count, min; the refused one was never there
  assert.deepEqual(faults, []);
  await page.close();
});
