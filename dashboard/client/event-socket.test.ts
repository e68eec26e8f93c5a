// Server-Sent Events where no WebSocket gets through: which transport is tried when, and what an answer means.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { snap, subd, u } from './fake-server.ts';
import { connect, counts, query, server, tick, weir } from './harness.ts';
import type { Query, WeirError } from './index.ts';

interface Asked {
  url: string;
  headers: Record<string, string>;
  signal: AbortSignal | null;
  answer: (response: Response) => void;
}

/** The far end of fetch: requests wait until a test answers them. */
const asked: Asked[] = [];
beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', (url: string, { headers, signal }: Asked) => {
    return new Promise<Response>((answer, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
      asked.push({ url, headers, signal, answer });
    });
  });
});

const last = () => asked.at(-1) as Asked;
const subsOf = ({ url }: Asked) => JSON.parse(new URL(url).searchParams.get('subs') ?? 'null');
const refusal = (status: number, error: object) =>
  new Response(JSON.stringify({ error }), { status });

/** Answers with a stream of events; what it returns says more of them, in pieces of 7 bytes, or ends it. */
function stream(to = last()) {
  let out: ReadableStreamDefaultController<Uint8Array> | undefined;
  to.answer(
    new Response(
      new ReadableStream({
        start: (controller) => {
          out = controller;
        },
      }),
    ),
  );
  return {
    say: async (message: object, id?: string) => {
      const text = `data: ${JSON.stringify(message)}\n${id ? `id: ${id}\n` : ''}\n`;
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += 7) out?.enqueue(bytes.slice(at, at + 7));
      await tick();
    },
    end: async () => {
      out?.close();
      await tick();
    },
  };
}

/** Live over Server-Sent Events, without any WebSocket. */
async function streaming() {
  const subscription = connect({ transports: ['sse'] }).subscribe(query, { history: '5m' });
  await tick();
  await tick();
  const [{ id }] = subsOf(last());
  const server = stream();
  await server.say(subd(id));
  await server.say(snap(5), 'E1;17.5');
  return { subscription, id, ...server };
}

describe('transports', () => {
  it('are event streams after three failures before any welcome, in turn with WebSockets', async () => {
    const subscription = connect().subscribe(query);
    await tick();
    for (const sockets of [1, 2, 3]) {
      expect(server.sockets).toHaveLength(sockets);
      expect(asked).toHaveLength(0);
      server.close(1006);
      await tick(weir.retryIn);
    }
    await tick(1);
    await tick(1);
    expect(weir.transport).toBe('sse');
    expect(last().url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/v1\/stream\?subs=/);
    last().answer(new Response('', { status: 502 }));
    await tick();
    await tick(weir.retryIn);
    expect(server.sockets).toHaveLength(4);
    server.close(1006);
    await tick(weir.retryIn);
    await tick(1);
    await tick(1);
    const [{ id }] = subsOf(last());
    const events = stream();
    await events.say(subd(id));
    await events.say(snap(5));
    expect([weir.state, subscription.state]).toEqual(['live', 'live']);
    await events.end(); // what was welcome is tried again first
    await tick(weir.retryIn);
    await tick(1);
    await tick(1);
    expect([weir.transport, asked.length]).toEqual(['sse', 3]);
    expect(server.sockets).toHaveLength(4);
  });

  it('stay WebSockets once one was welcome', async () => {
    connect().subscribe(query);
    await tick();
    server.welcome();
    for (let i = 0; i < 6; i++) {
      server.close(1006);
      await tick(weir.retryIn);
    }
    expect(asked).toHaveLength(0);
    expect(server.sockets).toHaveLength(7);
  });

  it('are only those that the page allows', async () => {
    connect({ transports: ['websocket'] }).subscribe(query);
    await tick();
    for (let i = 0; i < 6; i++) {
      server.close(1006);
      await tick(weir.retryIn);
    }
    expect(asked).toHaveLength(0);
  });
});

describe('an event stream', () => {
  it('follows updates that come in any pieces', async () => {
    const { subscription, say } = await streaming();
    await say(u(6, { i: [0], c: [[7], [7]] }), 'E1;17.6');
    expect(counts(subscription)).toEqual({ '/a': 7, '/b': 2 });
    expect(weir.faults + weir.malformed).toBe(0);
  });

  it('takes whatever a tag may hold', async () => {
    const { subscription, say } = await streaming();
    await say(u(6, { i: [0], c: [[7], [7]], note: 'two\u2028lines\u2029or: three' }));
    expect(counts(subscription)).toEqual({ '/a': 7, '/b': 2 });
    expect(weir.faults + weir.malformed).toBe(0);
  });

  it('is asked anew for another subscription, and goes on where it stood', async () => {
    const { say } = await streaming();
    await say(u(6), 'E1;17.6');
    const before = last();
    weir.subscribe({ metric: 'b', stats: ['last'] });
    weir.subscribe({ metric: 'c', stats: ['last'] });
    await tick();
    expect(asked).toHaveLength(2); // one for both
    expect(before.signal?.aborted).toBe(true);
    const [first, second, third] = subsOf(last());
    expect(first).toMatchObject({ from: { epoch: 'E1', ch: 17, s: 6 } });
    expect(first).not.toHaveProperty('history');
    expect([second.q.metric, third.q.metric]).toEqual(['b', 'c']);
    expect(weir.state).toBe('live');
  });

  it('is asked in several answers for what no address could hold', async () => {
    connect({ transports: ['sse'] });
    const names = [...Array(64).keys()].map((at) => `shop.orders.of.the.day.${at}`);
    const where: Query['where'] = [['environment', '=', 'production']];
    for (const metric of names)
      weir.subscribe({ metric, where, by: ['route'], stats: ['p99', 'rate'] });
    await tick(1);
    await tick(1);
    const all = asked.flatMap(subsOf).map(({ q }: { q: Query }) => q.metric);
    expect(all).toEqual(names);
    for (const { url } of asked) expect(url.length).toBeLessThan(8_000);
    const epoch = '01JDX8Q3'.repeat(8); // where they stand has room, too
    for (const each of asked.splice(0)) {
      const places = subsOf(each).map(() => '1000017.1000048211');
      await stream(each).say({ t: 'hb', now: 1 }, `${epoch};${places}`);
    }
    await tick();
    weir.subscribe({ metric: 'one.more', stats: ['rate'] });
    await tick(1);
    await tick(1);
    expect(asked.flatMap(subsOf)).toHaveLength(names.length + 1);
    for (const { url } of asked) expect(url.length).toBeLessThan(8_000);
    stream();
    await tick();
    asked[0]?.answer(new Response('', { status: 502 })); // one that fails is all that fail
    await tick();
    expect(weir.state).toBe('backoff');
    for (const { signal } of asked) expect(signal?.aborted).toBe(true);
  });

  it('shows the token, and asks for another when it was refused', async () => {
    const getToken = vi.fn().mockResolvedValueOnce('one').mockResolvedValueOnce('two');
    connect({ transports: ['sse'], getToken }).subscribe(query);
    await tick();
    await tick();
    expect(last().headers).toEqual({ Authorization: 'Bearer one' });
    last().answer(refusal(401, { code: 'auth.invalid_token', n: 1002, msg: '', retry: false }));
    await tick();
    await tick();
    expect(last().headers).toEqual({ Authorization: 'Bearer two' });
    last().answer(refusal(403, { code: 'auth.forbidden', n: 1004, msg: '', retry: false }));
    await tick();
    expect(weir.state).toBe('closed');
  });

  it('that is refused for its query closes the subscription with the code, and nothing else', async () => {
    const subscription = connect({ transports: ['sse'] }).subscribe(query);
    await tick();
    await tick();
    last().answer(refusal(400, { code: 'query.bad_by', n: 2007, msg: 'by[0]', retry: false }));
    await expect(subscription.ready).rejects.toMatchObject({ code: 'query.bad_by', number: 2007 });
    expect(weir.state).toBe('live');
  });

  it('that ends or falls silent is come back to', async () => {
    const { subscription, end } = await streaming();
    await end();
    expect([weir.state, subscription.state]).toEqual(['backoff', 'stale']);
    await tick(1_000);
    expect(subsOf(last())[0]).toMatchObject({ from: { epoch: 'E1', ch: 17, s: 5 } });
    stream();
    await tick();
    expect(weir.state).toBe('live');
    await tick(31_000);
    expect(asked.length).toBeGreaterThan(2);
  });

  it('leaves what was closed out of the next answer, and says nothing of `seen`', async () => {
    const { subscription } = await streaming();
    await tick(5_000);
    expect(asked).toHaveLength(1);
    weir.subscribe({ metric: 'b', stats: ['last'] });
    subscription.close();
    await tick();
    expect(subsOf(last()).map(({ q }: { q: { metric: string } }) => q.metric)).toEqual(['b']);
  });

  it('is not missed where nothing is to be read', async () => {
    const { subscription } = await streaming();
    subscription.set({ rate: '1s' });
    await tick();
    const asks = asked.length;
    subscription.close();
    for (let seconds = 0; seconds < 60; ++seconds) await tick(1_000);
    expect(weir.state).toBe('live');
    expect(asked.length).toBe(asks);
  });

  it('has its questions answered by the HTTP API, page by page', async () => {
    await streaming();
    const page = { fields: ['p99'], by: [], k: [[]], ts: [1], c: [[[1]]], window: 1, step: 1 };
    const all = weir.history(query, { start: 5, step: '10s' });
    await tick();
    const words = () => Object.fromEntries(new URL(last().url).searchParams);
    expect(new URL(last().url).pathname).toBe('/api/v1/query_range');
    expect(words()).toEqual({ q: JSON.stringify(query), start: '5', step: '10000' });
    last().answer(new Response(JSON.stringify({ ...page, next: 'more' })));
    await tick();
    expect(words()).toMatchObject({ cursor: 'more' });
    last().answer(new Response(JSON.stringify({ ...page, next: null })));
    expect((await all).map(({ next }) => next)).toEqual(['more', null]);

    const list = weir.meta('tags', { match: 'a.b' }).catch((error: WeirError) => error);
    await tick();
    expect([new URL(last().url).pathname, words().metric]).toEqual(['/api/v1/tags', 'a.b']);
    last().answer(refusal(400, { code: 'query.bad_metric', n: 2002, msg: '', retry: false }));
    expect(await list).toMatchObject({ code: 'query.bad_metric' });
  });
});
