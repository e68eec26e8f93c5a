// Not a test: how long a datagram takes to a subscriber, and an opened page to its first number, in ms.
// build/node/bin/node tests/e2e/latency_bench.mjs [count]
import { setTimeout as after } from 'node:timers/promises';
import { openPage, startBrowser } from './browser.mjs';
import { startGateway, subscriber } from './gateway.mjs';

const count = Number(process.argv[2] ?? 100);
const gateway = await startGateway();
const peer = await subscriber(gateway.ws, [
  { t: 'sub', id: 1, q: { metric: 'bench.latency', stats: ['last'] }, rate: '250ms' },
]);
await peer.next('snap', (m) => m.t === 'snap');
const took = [];
for (let n = 1; n <= count; ++n) {
  await after(Math.random() * 250);
  const sent = performance.now();
  await gateway.statsd(`bench.latency:${n}|g`);
  await peer.next('it', (m) => m.t === 'u' && m.c?.[0]?.[0] === n, { every: 1 });
  took.push(performance.now() - sent);
}
took.sort((a, b) => a - b);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(0);
console.log(`datagram to subscriber, tick 250 ms, ${count} times: p50 ${at(0.5)} p90 ${at(0.9)} p99 ${at(0.99)} max ${at(1)} ms`);
peer.close();

const browser = await startBrowser();
const opening = [];
for (let n = 0; n < 5; ++n) {
  const { page } = await openPage(browser, gateway.url);
  const begun = performance.now();
  await page.goto(gateway.url);
  await page.locator('[data-testid=card] [data-testid=value]').first().waitFor();
  opening.push(performance.now() - begun);
  await page.close();
}
console.log(`page opened to first number, 5 times: ${opening.map((ms) => ms.toFixed(0)).join(' ')} ms`);
await browser.close();
await gateway.stop();
