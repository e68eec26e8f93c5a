// Boards as a person makes and edits them: with the mouse and with keys, saved by the gateway, shared by two.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 90_000 };
let browser;
let gateway;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  endChildren();
});
const newFolder = () => mkdtempSync(join(tmpdir(), 'weir-boards-'));
let folder;
const starts = (more = {}) => startGateway({ ...more, set: [`boards.path=${folder}`, ...(more.set ?? [])] });
beforeEach(async () => {
  await gateway?.stop();
  folder = newFolder();
  gateway = await starts();
});

const card = (x, y, w, h, more = {}) => ({
  ...{ x, y, w, h, metric: 'system.memory.usage', stat: 'last', kind: 'number' },
  ...more,
});
const BOARD = {
  title: 'Shop',
  cards: [
    card(0, 0, 6, 4, { title: 'CPU', metric: 'system.cpu.utilization', by: ['mode'], stat: 'mean', kind: 'line' }),
    card(6, 0, 6, 4, { title: 'Bars', metric: 'system.cpu.utilization', by: ['mode'], stat: 'mean', kind: 'bars' }),
    card(0, 4, 3, 2, { title: 'Memory', threshold: { crit: 1 } }),
  ],
};
async function keep(id, board) {
  const answer = await gateway.get(`/api/v1/boards/${id}`, {
    method: 'PUT',
    headers: { 'If-None-Match': '*' },
    body: JSON.stringify(board),
  });
  assert.equal(answer.status, 201);
}
async function open(path) {
  const { page, faults } = await openPage(browser, gateway.url);
  await page.goto(`${gateway.url}${path}`);
  return { page, faults };
}
const cardOf = (page, title) =>
  page.locator('[data-testid=board-card]', { has: page.getByRole('heading', { name: title, exact: true }) });
const placeOf = (page, title) => cardOf(page, title).getAttribute('data-place');
const placed = (page, title, place) => until(`${title} at ${place}`, async () => (await placeOf(page, title)) === place);
const saved = async (id) => (await gateway.get(`/api/v1/boards/${id}`)).json();

test('a board is made, filled, saved, and the same after a restart', limit, async () => {
  const { page, faults } = await open('/boards');
  await page.getByLabel('Title').fill('My shop');
  await page.getByRole('button', { name: 'New dashboard' }).click();
  await page.getByRole('button', { name: 'Add a card' }).click();
  const form = page.getByRole('dialog');
  await form.locator('[name=metric]').fill('system.cpu.utilization');
  await form.locator('[name=by]').locator('option', { hasText: 'mode' }).waitFor({ state: 'attached' });
  await form.locator('[name=by]').selectOption('mode');
  await form.locator('[name=title]').fill('CPU');
  await form.locator('[name=crit]').fill('-1');
  await form.getByRole('button', { name: 'Add' }).click();
  await until('a line', async () => (await cardOf(page, 'CPU').locator('[data-testid=value]').count()) > 1);
  // Its limit is passed by every value there can be.
  await until('the limit', async () => /over -100 %/.test(await cardOf(page, 'CPU').locator('[data-testid=over-limit]').innerText()));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Saved' }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1);
  assert.match(id, /^my-shop-[0-9a-f]{6}$/);
  const before = await saved(id);
  assert.equal(before.cards[0].by[0], 'mode');

  const http = gateway.http;
  await gateway.stop();
  gateway = await starts({ http });
  await page.goto(`${gateway.url}/boards`);
  await page.getByRole('link', { name: /My shop/ }).click();
  await until('its line', async () => (await cardOf(page, 'CPU').locator('[data-testid=value]').count()) > 1);
  assert.deepEqual(await saved(id), before);
  assert.deepEqual(faults.filter((text) => !/Failed to load|net::/.test(text)), []);
  await page.close();
});

test('a card goes where the mouse takes it, and gets the size that it draws', limit, async () => {
  await keep('shop', BOARD);
  const { page, faults } = await open('/boards/shop?edit=1');
  await placed(page, 'CPU', '0,0,6,4');
  const grip = await cardOf(page, 'Memory').getByRole('button', { name: /^Move/ }).boundingBox();
  const grid = await page.locator('[data-testid=board-grid]').boundingBox();
  await page.mouse.move(grip.x + 5, grip.y + 5);
  await page.mouse.down();
  // Six columns to the right, where Bars stands: it gives way.
  await page.mouse.move(grip.x + 5 + (grid.width + 12) / 2, grid.y + 20, { steps: 5 });
  await page.mouse.up();
  await placed(page, 'Memory', '6,0,3,2');
  await placed(page, 'Bars', '6,2,6,4');
  const box = await cardOf(page, 'CPU').boundingBox();
  await page.mouse.move(box.x + box.width - 8, box.y + box.height - 8);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 8 - (grid.width + 12) / 6, box.y + box.height - 8 + 2 * 68, { steps: 5 });
  await page.mouse.up();
  await placed(page, 'CPU', '0,0,4,6');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Saved' }).waitFor();
  assert.deepEqual(
    (await saved('shop')).cards.map(({ title, x, y, w, h }) => [title, x, y, w, h]),
    [
      ['CPU', 0, 0, 4, 6],
      ['Bars', 6, 2, 6, 4],
      ['Memory', 6, 0, 3, 2],
    ],
  );
  assert.deepEqual(faults, []);
  await page.close();
});

test('keys alone move and resize a card, and say where it stands', limit, async () => {
  await keep('shop', BOARD);
  const { page, faults } = await open('/boards/shop?edit=1');
  await placed(page, 'CPU', '0,0,6,4');
  const said = () => page.locator('[data-testid=said]').innerText();
  await cardOf(page, 'CPU').getByRole('button', { name: /^Move/ }).focus();
  await page.keyboard.press('ArrowDown');
  await placed(page, 'CPU', '0,2,6,4');
  assert.equal(await said(), 'CPU: column 1, row 3, 6 of 12 columns wide, 4 of 24 rows high');
  await page.keyboard.press('Shift+ArrowLeft');
  await placed(page, 'CPU', '0,2,5,4');
  await page.keyboard.press('ArrowUp');
  await placed(page, 'CPU', '0,0,5,4');
  await page.keyboard.press('Shift+ArrowDown');
  await placed(page, 'CPU', '0,0,5,5');
  assert.match(await said(), /row 1, 5 of 12 columns wide, 5 of/);
  // The way there, by keys too: the handle is reached by Tab from the card before.
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Edit CPU');
  await cardOf(page, 'Bars').getByRole('button', { name: 'Remove Bars' }).press('Enter');
  await until('two cards', async () => (await page.locator('[data-testid=board-card]').count()) === 2);
  assert.equal(await said(), 'Bars is removed');
  assert.deepEqual(faults, []);
  await page.close();
});

test('of two editors the second is told, and keeps his as a copy', limit, async () => {
  await keep('shop', BOARD);
  const first = await open('/boards/shop?edit=1');
  const second = await open('/boards/shop?edit=1');
  for (const { page } of [first, second]) await placed(page, 'CPU', '0,0,6,4');
  await second.page.getByLabel('Title').fill('Second');
  await first.page.getByLabel('Title').fill('First');
  await first.page.getByRole('button', { name: 'Save', exact: true }).click();
  await first.page.getByRole('button', { name: 'Saved' }).waitFor();
  await second.page.getByRole('button', { name: 'Save', exact: true }).click();
  await second.page.locator('[data-testid=behind]').waitFor();
  assert.match(await second.page.locator('[data-testid=behind]').innerText(), /Somebody else has changed this dashboard/);
  assert.equal((await saved('shop')).title, 'First');
  await second.page.getByRole('button', { name: 'Save mine as a copy' }).click();
  await second.page.getByRole('heading', { name: 'Second (copy)' }).waitFor();
  assert.equal((await saved('shop')).title, 'First');
  // Who changed nothing has the new one without asking.
  const third = await open('/boards/shop');
  await third.page.getByRole('heading', { name: 'First' }).waitFor();
  await first.page.getByLabel('Title').fill('Newest');
  await first.page.getByRole('button', { name: 'Save', exact: true }).click();
  await third.page.getByRole('heading', { name: 'Newest' }).waitFor();
  for (const { page } of [first, second, third]) await page.close();
});

test('an exported board is imported as the same', limit, async () => {
  await keep('shop', BOARD);
  const { page, faults } = await open('/boards/shop');
  await placed(page, 'CPU', '0,0,6,4');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'shop.json');
  const bytes = readFileSync(await file.path());
  assert.deepEqual(JSON.parse(bytes), BOARD);
  await page.goto(`${gateway.url}/boards`);
  const input = page.locator('[data-testid=import-board]');
  await input.waitFor({ state: 'attached' });
  await input.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"title":"a","cards":[{}]}') });
  await page.getByText('cards[0].x: want an integer').waitFor();
  await input.setInputFiles({ name: 'shop.json', mimeType: 'application/json', buffer: bytes });
  await placed(page, 'CPU', '0,0,6,4');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  assert.notEqual(id, 'shop');
  assert.deepEqual(await saved(id), BOARD);
  assert.deepEqual(faults, []);
  await page.close();
});

test('who may only read sees the board, and nothing to change it with', limit, async () => {
  await keep('shop', BOARD);
  await gateway.stop();
  const hash = (token) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
  gateway = await starts({ set: [`auth.readers=[{name: ops, hash: "${hash('reads')}"}]`, `auth.writers=[{name: app, hash: "${hash('writes')}"}]`] });
  const { page } = await open('/boards/shop');
  const signIn = (token) => page.evaluate((token) => fetch('/api/v1/session', { method: 'POST', body: JSON.stringify({ token }) }).then(({ status }) => status), token);
  assert.ok((await signIn('reads')) < 300);
  await page.goto(`${gateway.url}/boards/shop?edit=1`);
  await placed(page, 'CPU', '0,0,6,4');
  assert.equal(await page.getByRole('button', { name: /^(Edit|Save|Remove|Move|Add)/ }).count(), 0);
  await page.goto(`${gateway.url}/boards`);
  await page.getByRole('link', { name: /Shop/ }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'New dashboard' }).count(), 0);
  await page.close();
});

test('a board that is not there is said', limit, async () => {
  const { page } = await open('/boards/none');
  await page.getByText('There is no such dashboard').waitFor();
  await page.goto(`${gateway.url}/boards/NO`);
  await page.getByText('This is no address of a board.').waitFor();
  await page.close();
});

for (const width of [390, 320]) {
  test(`dashboards scroll nothing sideways at ${width} px`, limit, async () => {
    const long = 'long'.repeat(30);
    await keep('shop', { ...BOARD, title: long, cards: [...BOARD.cards, card(3, 4, 3, 2, { title: long })] });
    const { page, faults } = await openPage(browser, gateway.url);
    await page.setViewportSize({ width, height: 844 });
    for (const [path, seen] of [
      ['/boards', '.board-list a'],
      ['/boards/shop', '[data-testid=board-card]'],
      ['/boards/shop?edit=1', '[data-testid=board-card]'],
    ]) {
      await page.goto(gateway.url + path);
      await page.locator(seen).last().waitFor();
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${path}: ${content} of ${window}`);
    }
    assert.deepEqual(faults, []);
    await page.close();
  });
}
