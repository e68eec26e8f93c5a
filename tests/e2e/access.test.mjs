// Who may read and write: tokens that an issuer signed, a page that signs in, keys that change.
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, startGateway, subscriber, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
const base64url = (value) => Buffer.from(value).toString('base64url');
const encoded = (value) => base64url(JSON.stringify(value));
const sha256 = (text) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** An issuer with one key; its tokens end in an hour unless they say otherwise. */
function issuer(kid, kind = 'ES256') {
  const secret = Buffer.alloc(32, kid);
  const pair =
    kind === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk =
    kind === 'HS256' ? { kty: 'oct', k: base64url(secret) } : pair.publicKey.export({ format: 'jwk' });
  const token = (claims) => {
    const body = { iss: 'https://id.example', exp: Math.floor(Date.now() / 1000) + 3600, ...claims };
    const text = `${encoded({ alg: kind, typ: 'JWT', kid })}.${encoded(body)}`;
    const signature =
      kind === 'HS256'
        ? createHmac('sha256', secret).update(text).digest()
        : sign('sha256', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${base64url(signature)}`;
  };
  return { jwk: { ...jwk, kid, use: 'sig' }, token };
}

const first = issuer('first');
const rsa = issuer('rsa', 'RS256');
const hmac = issuer('hmac', 'HS256');
const reader = { weir: { role: 'reader' } };
const prod = { weir: { role: 'reader', where: [['env', '=', 'prod']] } };

let folder;
let gateway;
const publishKeys = async (issuers) => {
  const file = join(folder, 'keys.json');
  await writeFile(`${file}.new`, JSON.stringify({ keys: issuers.map((one) => one.jwk) }));
  await rename(`${file}.new`, file);
};
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-keys-'));
  await publishKeys([first, rsa, hmac]);
  gateway = await startGateway({
    set: [
      `auth.jwt.jwks=${join(folder, 'keys.json')}`,
      'auth.jwt.issuer=https://id.example',
      `auth.readers=[{name: wall, hash: "${sha256('on the wall')}"}]`,
    ],
  });
});
after(async () => {
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
const get = (path, token) => fetch(gateway.url + path, token ? bearer(token) : {});
const hello = (token, subs = []) => ({ t: 'hello', v: 1, token, subs });

test('a token of each algorithm reads, and none of nobody does', limit, async () => {
  for (const one of [first, rsa, hmac])
    assert.equal((await get('/api/v1/metrics', one.token(reader))).status, 200);
  assert.equal((await get('/api/v1/metrics', 'on the wall')).status, 200);
  assert.equal((await get('/api/v1/metrics')).status, 401);
  assert.equal((await get('/api/v1/metrics', issuer('first').token(reader))).status, 401);
  assert.equal((await get('/api/v1/metrics', first.token({ ...reader, iss: 'x' }))).status, 401);
  const expired = await get('/api/v1/metrics', first.token({ ...reader, exp: 1 }));
  assert.equal((await expired.json()).error.code, 'auth.expired');
  assert.equal((await get('/healthz')).status, 200);
});

test('writing needs a writer, too', limit, async () => {
  const write = (token) =>
    fetch(`${gateway.url}/api/v1/write?format=statsd`, { method: 'POST', body: 'a:1|c', ...(token && bearer(token)) });
  assert.equal((await write()).status, 401);
  assert.equal((await write(first.token(reader))).status, 403);
  assert.equal((await write(first.token({ weir: { role: 'writer' } }))).status, 204);
});

test('who is bound to one env sees nothing of another, by any path', limit, async () => {
  const writer = first.token({ weir: { role: 'writer' } });
  const body = 'orders:3|c|#env:prod,app:shop\norders:5|c|#env:stage,app:secret\nhidden:1|c|#env:stage';
  await fetch(`${gateway.url}/api/v1/write?format=statsd`, { method: 'POST', body, ...bearer(writer) });
  const bound = first.token(prod);
  const q = { metric: 'orders', by: ['env', 'app'], stats: ['sum'], window: '1m' };
  const all = await subscriber(gateway.ws, [hello(first.token(reader), [{ id: 1, q }])]);
  await all.next('both rows', (m) => m.k?.length === 2 || m.d?.k?.length === 2);
  all.close();

  const peer = await subscriber(gateway.ws, [hello(bound, [{ id: 1, q, history: '5m' }, { id: 2, q: { metric: '**', by: ['@metric', 'env'], stats: ['count'] } }])]);
  await peer.next('its row', (m) => JSON.stringify(m.k ?? m.d?.k ?? '').includes('"shop"'));
  peer.say({ t: 'meta', id: 3, what: 'metrics' });
  await peer.next('meta', (m) => m.id === 3);
  peer.say({ t: 'range', id: 4, q, start: Date.now() - 60_000 });
  await peer.next('range', (m) => m.id === 4);
  const heard = JSON.stringify(peer.messages);
  assert.ok(!/stage|secret|hidden/.test(heard), heard);
  peer.close();

  for (const path of [
    `/api/v1/query?q=${encodeURIComponent(JSON.stringify(q))}`,
    `/api/v1/query_range?start=${Date.now() - 60_000}&q=${encodeURIComponent(JSON.stringify(q))}`,
    '/api/v1/metrics', '/api/v1/tags?metric=orders', '/api/v1/series', '/api/v1/events', '/api/v1/checks', '/api/v1/status', '/metrics',
  ]) {
    const text = await (await get(path, bound)).text();
    assert.ok(!/stage|secret|hidden/.test(text), `${path}: ${text}`);
  }
  // And everything of its own: what a dashboard begins with.
  const mine = await (await get('/api/v1/metrics?match=orders', bound)).json();
  assert.deepEqual(mine.items.map(({ name, series }) => [name, series]), [['orders', 1]]);
  const tags = await (await get('/api/v1/tags?metric=orders', bound)).json();
  assert.deepEqual(tags.items.map(({ key }) => key), ['app', 'env']);
  const series = await (await get('/api/v1/series', bound)).json();
  assert.deepEqual(series.items.map(({ tags }) => tags), [{ app: 'shop', env: 'prod' }]);
  assert.equal((await get('/api/v1/events', bound)).status, 200);
});

test('keys change while it runs, and who came by the old one goes', limit, async () => {
  const old = await subscriber(gateway.ws, [hello(rsa.token(reader), [{ id: 1, q: { metric: 'a' } }])]);
  await old.next('welcome', (m) => m.t === 'welcome');
  const second = issuer('second');
  await publishKeys([first, second, hmac]);
  process.kill(gateway.pid, 'SIGHUP');
  await until('the new key', async () => (await get('/api/v1/metrics', second.token(reader))).status === 200);
  assert.equal((await get('/api/v1/metrics', rsa.token(reader))).status, 401);
  const gone = await old.next('unsubd', (m) => m.t === 'unsubd');
  assert.equal(gone.code, 'auth.revoked');
  assert.equal((await get('/api/v1/metrics', first.token(reader))).status, 200);
});

test('tokens of the file are read again on SIGHUP, and whose is gone is let go', limit, async () => {
  const file = join(folder, 'weir.yaml');
  const list = (tokens) => `[${tokens.map((token) => `{name: ${token}, hash: "${sha256(token)}"}`).join(', ')}]`;
  const write = (readers, writers) =>
    writeFile(file, `auth:\n  readers: ${list(readers)}\n  writers: ${list(writers)}\n`);
  await write(['old', 'both'], ['agent']);
  const own = await startGateway({ config: file, feeds: '[{listen: "tcp://127.0.0.1:0", token: required}]' });
  const status = async (token) => (await own.get('/api/v1/metrics', token ? bearer(token) : {})).status;
  const reads = (token) => subscriber(own.ws, [hello(token, [{ id: 1, q: { metric: 'a' } }])]);
  const old = await reads('old');
  const both = await reads('both');
  await both.next('subd', (m) => m.t === 'subd');
  const [host, port] = own.address('tcp/statsd').split(':');
  const feed = net.connect(Number(port), host);
  const cut = once(feed.resume(), 'close');
  feed.write('token agent\na:1|c\n');
  await until('its line', async () => (await own.metric('weir_ingest_lines_total{feed="tcp/statsd",result="accepted"}')) === 1);

  await write(['new', 'both'], ['other']);
  process.kill(own.pid, 'SIGHUP');
  await until('the new token', async () => (await status('new')) === 200);
  assert.equal(await status('old'), 401);
  assert.equal(await status('both'), 200);
  const gone = await old.next('unsubd', (m) => m.t === 'unsubd');
  assert.equal(gone.code, 'auth.revoked');
  await cut;
  const revoked = 'weir_ingest_connections_total{feed="tcp/statsd",result="revoked"}';
  await until('the cut to be counted', async () => (await own.metric(revoked)) === 1);
  both.say({ t: 'ping', n: 3 });
  await both.next('pong', (m) => m.t === 'pong');

  // A list that was emptied by mistake does not open the house, nor does a file that cannot be read.
  for (const [change, why] of [[() => write([], ['other']), 'nobody is left'], [() => writeFile(file, 'auth: [\n'), 'weir.yaml']]) {
    await change();
    process.kill(own.pid, 'SIGHUP');
    await until(() => `${why} in ${own.log}`, () => own.log.includes('event=access_kept') && own.log.includes(why));
    assert.equal(await status(), 401);
    assert.equal(await status('new'), 200);
  }
  both.close();
  await own.stop();
});

test('a page signs in, shows numbers, and signs out', limit, async () => {
  const browser = await startBrowser();
  try {
    const { page, faults } = await openPage(browser, gateway.url);
    await page.goto(gateway.url);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This token is not known here.').waitFor();
    await page.getByLabel('Token').fill('on the wall');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This machine').waitFor();
    await page.getByText('Connected').waitFor();
    assert.equal(await page.evaluate(() => document.cookie), '');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    assert.deepEqual(faults.filter((fault) => !/401/.test(fault)), []);
  } finally {
    await browser.close();
  }
});

after(endChildren);
