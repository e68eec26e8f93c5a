// The first run: what somebody sees who has sent nothing yet, up to his first chart. Real program, real browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  endChildren();
});

const card = (page, metric) => page.locator(`[data-testid=card][data-metric="${metric}"]`);
const recipe = (page) => page.locator('[data-testid=recipe]');
const choose = (page, name) => page.getByRole('tab', { name, exact: true }).click();

/** The first run as it is when it knows where this gateway listens. */
async function open(gateway) {
  const { page, faults } = await openPage(browser, gateway.url);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
  await page.goto(gateway.url);
  await page.locator('[data-testid=first-run]').waitFor();
  await until('a command', async () => (await recipe(page).innerText()).includes('http.latency'));
  return { page, faults };
}

test('each command has the real port, and Copy fills the clipboard', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await open(gateway);
  const port = gateway.address('udp/statsd').split(':')[1];
  for (const name of ['Shell', 'Python', 'Node', 'Go', 'StatsD client']) {
    await choose(page, name);
    assert.match(await recipe(page).innerText(), new RegExp(`\\b${port}\\b`), name);
  }
  await choose(page, 'Telegraf');
  assert.match(await recipe(page).innerText(), new RegExp(`urls = \\["${gateway.url}"\\]`));
  await choose(page, 'Shell');
  await page.locator('[data-testid=copy]').click();
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await recipe(page).textContent());
  const list = await page.locator('.checklist').innerText();
  assert.ok(list.includes(`Listening on UDP ${gateway.address('udp/statsd')}`), list);
  assert.match(list, /Browser connected[\s\S]*Waiting for the first sample/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

for (const [name, command] of [['Shell', 'bash'], ['Python', 'python3'], ['Node', process.execPath]]) {
  test(`what is copied for ${name} makes the first card within two seconds of its sample, without a reload`, limit, async () => {
    const gateway = await startGateway();
    const { page, faults } = await open(gateway);
    await page.evaluate(() => {
      window.neverReloaded = true;
    });
    await choose(page, name);
    const text = await recipe(page).textContent();
    const option = command === 'bash' || command === 'python3' ? '-c' : '-e';
    const sender = spawn(command, [option, text], { stdio: 'ignore' });
    const ended = once(sender, 'close');
    try {
      await until('the sample', async () =>
        ((await gateway.metric('weir_ingest_lines_total{feed="udp/statsd",result="accepted"}')) ?? 0) > 0, { every: 20 });
      const arrived = Date.now();
      await card(page, 'http.latency').locator('[data-testid=value][data-raw]:not([data-raw=""])').first().waitFor();
      assert.ok(Date.now() - arrived < 2000, `${Date.now() - arrived} ms`);
      assert.equal(await page.locator('[data-testid=first-run]').count(), 0);
      assert.equal(await page.evaluate(() => window.neverReloaded), true);
    } finally {
      sender.kill('SIGKILL');
      await ended;
    }
    assert.deepEqual(faults, []);
    await page.close();
    await gateway.stop();
  });
}

test('a bad line stands in the checklist with its reason and place', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await open(gateway);
  await gateway.statsd('checkout.latency:<b>fast</b>|ms');
  const line = page.locator('[data-testid=bad-line]');
  await line.waitFor({ timeout: 2000 });
  const text = await line.innerText();
  assert.match(text, /The value is not a number/);
  assert.ok(text.includes('checkout.latency:<b>fast</b>|ms'), text);
  assert.match(text, /bad_value, column 18, on udp\/statsd/);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('demo data: five cards in three seconds; stop ends it', limit, async () => {
  const gateway = await startGateway();
  const { page, faults } = await open(gateway);
  const lines = () => gateway.metric('weir_ingest_lines_total{feed="demo",result="accepted"}');
  assert.equal(await lines(), undefined, 'nobody asked for it');
  const asked = Date.now();
  await page.getByRole('button', { name: 'Show demo data' }).click();
  const own = page.locator('[data-testid=card]:not([data-metric^="system."]):not([data-metric^="process."])');
  await until('five cards', async () => (await own.count()) >= 5, { within: 3000 });
  const took = Date.now() - asked;
  assert.ok(took < 3000, `${took} ms`);
  await page.locator('[data-testid=demo-runs]').waitFor();
  await page.getByRole('button', { name: 'Stop demo data' }).click();
  await page.locator('[data-testid=demo-runs]').waitFor({ state: 'detached' });
  const last = await lines();
  assert.ok(last > 0);
  // Two further ticks of what a person sees: nothing more came.
  const { now } = await (await gateway.get('/api/v1/status')).json();
  await until('a second', async () => (await (await gateway.get('/api/v1/status')).json()).now > now + 1000);
  assert.equal(await lines(), last);
  assert.deepEqual(faults, []);
  await page.close();
  await gateway.stop();
});

test('demo data is for admins where a side is guarded, and for no page of elsewhere', limit, async () => {
  const gateway = await startGateway();
  const foreign = await gateway.get('/api/v1/demo', { method: 'POST', headers: { Origin: 'https://evil.example' } });
  assert.equal(foreign.status, 403);
  assert.equal((await gateway.get('/api/v1/demo')).status, 405);
  assert.equal((await (await gateway.get('/api/v1/status')).json()).demo, false);
  assert.deepEqual(await (await gateway.get('/api/v1/demo', { method: 'POST' })).json(), { running: true });
  assert.equal((await (await gateway.get('/api/v1/status')).json()).demo, true);
  assert.deepEqual(await (await gateway.get('/api/v1/demo', { method: 'DELETE' })).json(), { running: false });
  await gateway.stop();
});
