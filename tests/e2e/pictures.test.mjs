// Every screen in both themes as it is meant to look: shown out of a recording at its moment, compared with a reference. A
// look that changes on purpose is renewed, and looked at before it is kept:
//   PICTURES=renew build/node/bin/node --test tests/e2e/pictures.test.mjs     pictures of the recordings that are there
//   PICTURES=record ...                                                      recordings, too, where screens ask for more
// What differs is written beside the build: build/pictures/NAME.png as it is, NAME.differs.png with red where it differs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startBrowser } from './browser.mjs';
import { endChildren, ROOT, startGateway, until } from './gateway.mjs';
import { load, record, replay, save } from './recording.mjs';

const limit = { timeout: 120_000 };
const { PICTURES } = process.env;
const HERE = `${ROOT}/tests/e2e/references`;
const DIFFERENT = `${ROOT}/build/pictures`;
const DIFFERENT_SHARE_MAX = 0.005;
const VIEW = { viewport: { width: 1440, height: 900 }, timezoneId: 'UTC', locale: 'en-GB', reducedMotion: 'reduce' };
/** How long the screen is lived in while it is recorded. */
const LIVED_MS = 6000;

const SCREENS = {
  'first-run': { address: '/', ready: '[data-testid=first-run]', of: 'empty' },
  overview: { address: '/?w=1m', ready: '[data-testid=card][data-metric="shop.latency"] [data-testid=value]' },
  explore: { address: '/explore?m=shop.latency&w=1m', ready: '[data-testid=by-tag] [data-value]' },
  boards: { address: '/boards', ready: '.board-list a' },
  board: { address: '/boards/shop?w=1m', ready: '[data-testid=over-limit]' },
  'board-edited': { address: '/boards/shop?edit=1&w=1m', ready: '.grip' },
  health: { address: '/health', ready: '[data-testid=health] .tile' },
  'sign-in': { address: '/', ready: '.sign-in input', of: 'guarded' },
  embedded: { address: '/explore?m=shop.latency&embed=1&w=1m', ready: '[data-testid=value]' },
};

let browser;
let gateway;
before(async () => {
  browser = await startBrowser({ args: ['--font-render-hinting=none', '--force-color-profile=srgb'] });
  if (PICTURES === 'record') await recordAll();
  gateway = await startGateway({ feeds: '[]' });
  rmSync(DIFFERENT, { recursive: true, force: true });
});
after(() => browser?.close());
after(endChildren);

/** A shop of three routes and two hosts, whose one route is slow, for a minute. */
async function seeded() {
  const full = await startGateway({ set: [`boards.path=${mkdtempSync(join(tmpdir(), 'weir-pictures-'))}`] });
  const card = { w: 6, h: 4, metric: 'shop.latency', by: ['route'], stat: 'p99', threshold: { crit: 100 } };
  const cards = ['line', 'heatmap', 'bars', 'number'].map((kind, at) => ({ ...card, kind, x: (at % 2) * 6, y: 4 * Math.floor(at / 2) }));
  const made = await full.get('/api/v1/boards/shop', {
    method: 'PUT',
    headers: { 'If-None-Match': '*' },
    body: JSON.stringify({ title: 'Shop', cards }),
  });
  assert.equal(made.status, 201);
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    const wave = 30 + 12 * Math.sin(n / 40);
    const lines = ['/cart', '/pay', '/search'].flatMap((route, at) => [
      `shop.latency:${wave * (at + 1) + (n % 7)}|ms|#route:${route},host:h${n % 2}`,
      `shop.orders:${at + 1}|c|#route:${route}`,
    ]);
    void full.statsd([...lines, `shop.queue:${Math.round(wave)}|g`, ...(n % 50 === 0 ? ['shop.latency:fast|ms'] : [])].join('\n'));
  }, 100);
  await pause(75_000);
  return { full, end: () => clearInterval(timer) };
}

async function recordAll() {
  const { full, end } = await seeded();
  const hash = createHash('sha256').update('a token').digest('hex');
  const guarded = await startGateway({ set: [`auth.readers=[{name: ops, hash: "sha256:${hash}"}]`] });
  const gateways = { full, guarded, empty: await startGateway() };
  for (const [name, { address, ready, of = 'full' }] of Object.entries(SCREENS)) {
    const page = await browser.newPage(VIEW);
    const kept = await record(page);
    await page.goto(gateways[of].url + address);
    await page.locator(ready).first().waitFor({ timeout: 60_000 });
    await pause(LIVED_MS);
    kept.now ||= Date.now();
    await page.close();
    save(`${HERE}/${name}.json.gz`, JSON.parse(JSON.stringify(kept).replaceAll(hostname(), 'shop-1')));
  }
  end();
  for (const one of Object.values(gateways)) await one.stop();
}

/** The picture once it is the same twice. */
async function settled(page) {
  let last;
  return until('a picture at rest', async () => {
    const now = await page.screenshot({ mask: [page.locator('[data-testid=link]')], maskColor: '#808080', caret: 'hide' });
    if (last?.equals(now)) return now;
    last = now;
    return undefined;
  }, { every: 700, within: 40_000 });
}

const dataOf = (kind, bytes) => `data:image/${kind};base64,${bytes.toString('base64')}`;

/** The share of pixels that differ, and a picture of where; Chromium itself reads both. */
async function compare(ours, theirs) {
  const page = await browser.newPage();
  const found = await page.evaluate(async (sources) => {
    const [now, meant] = await Promise.all(
      sources.map(async (source) => {
        const image = await createImageBitmap(await (await fetch(source)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
      }),
    );
    if (now.width !== meant.width || now.height !== meant.height) return { share: 1 };
    let different = 0;
    for (let at = 0; at < now.data.length; at += 4) {
      const far = Math.max(...[0, 1, 2].map((part) => Math.abs(now.data[at + part] - meant.data[at + part])));
      if (far <= 16) now.data[at + 3] = 60;
      else {
        different += 1;
        now.data.set([255, 0, 0, 255], at);
      }
    }
    const canvas = Object.assign(document.createElement('canvas'), { width: now.width, height: now.height });
    canvas.getContext('2d').putImageData(now, 0, 0);
    return { share: (4 * different) / now.data.length, where: canvas.toDataURL('image/png').split(',')[1] };
  }, [dataOf('png', ours), dataOf('png', theirs)]);
  await page.close();
  return found;
}

for (const theme of ['dark', 'light'])
  for (const [name, { address, ready }] of Object.entries(SCREENS))
    test(`${name} looks as it is meant to, ${theme}`, limit, async (t) => {
      const page = await browser.newPage({ ...VIEW, colorScheme: theme });
      await replay(page, load(`${HERE}/${name}.json.gz`));
      await page.goto(gateway.url + address);
      await page.locator(ready).first().waitFor({ timeout: 60_000 });
      const now = await settled(page);
      await page.close();
      const reference = `${HERE}/${name}.${theme}.png`;
      if (PICTURES) return writeFileSync(reference, now);
      assert.ok(existsSync(reference), `no reference: PICTURES=renew makes ${reference}`);
      const { share, where } = await compare(now, readFileSync(reference));
      t.diagnostic(`${(share * 100).toFixed(3)} % differ`);
      if (share > DIFFERENT_SHARE_MAX) {
        mkdirSync(DIFFERENT, { recursive: true });
        writeFileSync(`${DIFFERENT}/${name}.${theme}.png`, now);
        if (where) writeFileSync(`${DIFFERENT}/${name}.${theme}.differs.png`, Buffer.from(where, 'base64'));
      }
      assert.ok(share <= DIFFERENT_SHARE_MAX, `${share * 100} % differ: see ${DIFFERENT}`);
    });
