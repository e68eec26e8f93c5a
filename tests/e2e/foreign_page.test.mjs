// A page of somebody else in a real browser: what it may not do to a gateway on the reader's machine.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startBrowser } from './browser.mjs';
import { endChildren, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let browser;
let evil; // serves evil.example
let gateway;
before(async () => {
  gateway = await startGateway();
  evil = http.createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end('<!doctype html><title>evil</title>');
  });
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  // The name leads to this machine, as a rebound one does.
  browser = await startBrowser({ args: ['--host-resolver-rules=MAP evil.example 127.0.0.1'] });
});
after(async () => {
  await browser?.close();
  evil?.close();
  await gateway?.stop();
  endChildren();
});

/** A page of evil.example, and the statuses that it was given by path. */
async function openEvil() {
  const page = await browser.newPage();
  const answers = new Map();
  page.on('response', (answer) => answers.set(new URL(answer.url()).pathname, answer.status()));
  await page.goto(`http://evil.example:${evil.address().port}/`);
  return { page, answers };
}

test('a cross-site POST from a real page is refused', limit, async () => {
  const { page, answers } = await openEvil();
  for (const path of ['/api/v1/write', '/api/v1/events', '/api/v1/boards']) {
    // A simple request: the browser asks nobody before it sends this.
    await page.evaluate(
      (url) => fetch(url, { method: 'POST', mode: 'no-cors', body: 'forged:1|c' }).catch(() => {}),
      `${gateway.url}${path}`,
    );
    await until(`the answer to ${path}`, () => answers.has(path));
    assert.equal(answers.get(path), 403, path);
  }
  await page.close();
});

test('a form of a foreign page is refused and its reader told why', limit, async () => {
  const { page } = await openEvil();
  await page.evaluate((url) => {
    const form = document.createElement('form');
    form.method = 'POST';
    form.enctype = 'text/plain';
    form.action = url;
    document.body.append(form);
    form.submit();
  }, `${gateway.url}/api/v1/write`);
  await until('the refusal', async () => /http\.origins/.test(await page.innerText('body').catch(() => '')));
  await page.close();
});

test('a foreign page can neither read the API nor open a WebSocket', limit, async () => {
  const { page } = await openEvil();
  const read = await page.evaluate(
    (url) => fetch(url).then((answer) => answer.text(), () => 'nothing'),
    `${gateway.url}/api/v1/status`,
  );
  assert.equal(read, 'nothing');
  const end = await page.evaluate(
    (url) => new Promise((told) => {
      const socket = new WebSocket(url);
      socket.onopen = () => told('open');
      socket.onclose = ({ code }) => told(code);
    }),
    gateway.ws,
  );
  assert.equal(end, 1006);
  await page.close();
});

test('a rebound name gets 421 in a real browser', limit, async () => {
  const page = await browser.newPage();
  const port = gateway.http.split(':')[1];
  for (const path of ['/', '/api/v1/status', '/pages/']) {
    const answer = await page.goto(`http://evil.example:${port}${path}`);
    assert.equal(answer.status(), 421, path);
  }
  await page.close();
});
