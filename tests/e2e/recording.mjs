// A recording: what a gateway said to one screen, kept so that the screen can be shown again at the same moment, byte for
// byte the same. Of each subscription the past and the first whole table; of each path the last answer.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const SOCKETS = /\/v1\/ws/;
const isApi = (url) => url.pathname.startsWith('/api/');

/** What is asked, whoever asks and when. */
const questionOf = ({ id, from, start, end, ...asked }) => JSON.stringify(asked);
const pathOf = (method, url) => {
  const { pathname, searchParams } = new URL(url);
  for (const name of ['start', 'end', 'since', 'after', 'from', 'to']) searchParams.delete(name);
  return `${method} ${pathname}?${searchParams}`;
};
/** A greeting carries the first subscriptions. */
const asksIn = (said) =>
  said.t === 'hello' ? (said.subs ?? []).map((sub) => ({ t: 'sub', ...sub })) : [said];

/** Lets this page through to its gateway, and keeps what it is told. */
export async function record(page) {
  const kept = { now: 0, http: {}, said: {} };
  await page.route(isApi, async (route) => {
    const [request, answer] = [route.request(), await route.fetch()];
    const body = await answer.text();
    kept.http[pathOf(request.method(), request.url())] = { status: answer.status(), type: answer.headers()['content-type'], body };
    await route.fulfill({ response: answer, body });
  });
  await page.routeWebSocket(SOCKETS, (near) => {
    const far = near.connectToServer();
    const asked = new Map();
    const channels = new Map();
    near.onMessage((text) => {
      for (const ask of asksIn(JSON.parse(text))) if (ask.id !== undefined) asked.set(ask.id, questionOf(ask));
      far.send(text);
    });
    far.onMessage((text) => {
      const said = JSON.parse(text);
      if (said.t === 'welcome') kept.welcome = said;
      if (said.t === 'subd') channels.set(said.ch, asked.get(said.id));
      const question = channels.get(said.ch) ?? asked.get(said.id);
      const answers = question && (kept.said[question] ??= []);
      if (answers && said.t !== 'u' && !answers.some(({ t }) => t === said.t)) answers.push(said);
      if (said.t === 'snap') kept.now = Math.max(kept.now, said.w[1]);
      near.send(text);
    });
  });
  return kept;
}

/** Answers this page out of a recording, at its moment; asks no gateway but for the page's own files. */
export async function replay(page, kept) {
  await page.clock.setFixedTime(kept.now);
  await page.route(isApi, (route) => {
    const request = route.request();
    const { status, type, body } = kept.http[pathOf(request.method(), request.url())] ?? { status: 404, type: 'application/json', body: '{}' };
    return route.fulfill({ status, contentType: type, body });
  });
  await page.routeWebSocket(SOCKETS, (socket) => {
    let channel = 0;
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onMessage((text) => {
      const said = JSON.parse(text);
      if (said.t === 'hello') say(kept.welcome);
      if (said.t === 'ping') say({ t: 'pong', n: said.n });
      for (const ask of asksIn(said)) {
        if (ask.t === 'sub') channel += 1;
        for (const answer of kept.said[questionOf(ask)] ?? [])
          say({ ...answer, ...('id' in answer && { id: ask.id }), ...('ch' in answer && { ch: channel }) });
      }
    });
  });
}

export const save = (path, kept) => writeFileSync(path, gzipSync(JSON.stringify(kept), { level: 9 }));
export const load = (path) => JSON.parse(gunzipSync(readFileSync(path)));
