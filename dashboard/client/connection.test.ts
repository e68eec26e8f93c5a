// Opening, and closing: what the client does around its subscriptions.
import { describe, expect, it, vi } from 'vitest';
import { connect, live, query, server, tick, weir } from './harness.ts';

describe('connecting', () => {
  it('waits for the first subscription', async () => {
    connect();
    await tick(60_000);
    expect(weir.state).toBe('idle');
    expect(server.sockets).toHaveLength(0);
  });

  it('greets with every subscription in one message', async () => {
    connect();
    weir.subscribe(query, { rate: '250ms' });
    weir.subscribe({ metric: 'b', stats: ['last'] });
    await tick();
    expect(weir.state).toBe('connecting');
    server.open();
    expect(weir.state).toBe('authenticating');
    const [hello] = server.heard('hello');
    expect(hello).toMatchObject({ v: 1, subs: [{ rate: 250 }, { q: { metric: 'b' } }] });
    expect(server.heard('sub')).toHaveLength(0);
    server.say({ t: 'welcome', now: Date.now() });
    expect(weir.state).toBe('live');
    weir.subscribe({ metric: 'c', stats: ['last'] });
    expect(server.heard('sub')).toMatchObject([{ q: { metric: 'c' } }]);
  });

  it('asks for what was subscribed while the greeting was on its way', async () => {
    connect();
    weir.subscribe(query, { rate: '250ms' });
    await tick();
    server.open();
    weir.subscribe({ metric: 'late', stats: ['last'] });
    expect(server.heard('sub')).toHaveLength(0);
    server.say({ t: 'welcome', now: Date.now() });
    expect(server.heard('sub')).toMatchObject([{ q: { metric: 'late' } }]);
  });

  it('asks for a token before each connection', async () => {
    const getToken = vi.fn().mockResolvedValueOnce('one').mockResolvedValueOnce('two');
    await live({ getToken });
    expect(server.heard('hello')[0]?.token).toBe('one');
    server.close(1006);
    await tick(500);
    server.open();
    expect(server.heard('hello')[0]?.token).toBe('two');
  });

  it('shows another token in place before the first one ends', async () => {
    const getToken = vi.fn().mockResolvedValueOnce('one').mockResolvedValueOnce('two');
    await live({ getToken });
    server.say({ t: 'expiring', in: 60_000 });
    await tick(0);
    expect(server.heard('auth')).toEqual([{ t: 'auth', token: 'two' }]);
    expect(weir.state).toBe('live');
  });

  it('gives up a connection without a welcome after 10 s', async () => {
    connect().subscribe(query);
    await tick(9_999);
    expect(weir.state).toBe('connecting');
    await tick(1);
    expect(weir.state).toBe('backoff');
    expect(server.socket.isClosed).toBe(true);
  });

  it('measures the round trip and the server clock', async () => {
    await live();
    await tick(12);
    server.say({ t: 'pong', n: server.heard('ping')[0]?.n });
    expect(weir.roundTrip).toBe(12);
    server.say({ t: 'hb', now: Date.now() + 5_000 });
    expect(weir.now()).toBe(Date.now() + 5_000);
  });
});

describe('closing', () => {
  it('ends everything, and nothing comes after it', async () => {
    const subscription = await live();
    weir.close();
    expect(subscription.state).toBe('closed');
    expect(server.socket.isClosed).toBe(true);
    await tick(120_000);
    expect(server.sockets).toHaveLength(1);
    const late = weir.subscribe(query);
    await expect(late.ready).rejects.toMatchObject({ code: 'link.closed' });
  });
});
