// Debian's Chromium through playwright-core, which lives among the dashboard's packages.
import { createRequire } from 'node:module';
import { ROOT } from './gateway.mjs';

const { chromium } = createRequire(`${ROOT}/dashboard/package.json`)('playwright-core');

/** A browser with a new profile of its own; `args` are further arguments of its command line. */
export function startBrowser({ args = [] } = {}) {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', // root in a container has none
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** A page whose errors, refused contents and foreign requests are kept in `faults`. */
export async function openPage(browser, origin) {
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.location().url.endsWith('/favicon.ico')) return; // the browser's own idea
    // What the browser itself says of a server that is down on purpose.
    if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection to/.test(text)) faults.push(text);
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(origin).host) faults.push(`left for ${request.url()}`);
  });
  return { page, faults };
}

/** The raw value that the first of `places` shows now, '' where there is none: one step, as a page may write them anew. */
export const rawOf = (places) => places.evaluateAll((all) => all[0]?.getAttribute('data-raw') ?? '');
