// Coming back after the link was lost: resume, snapshot, backoff.
import { describe, expect, it, vi } from 'vitest';
import { snap, subd, u } from './fake-server.ts';
import {
  connect,
  counts,
  lastId,
  live,
  query,
  restartServer,
  server,
  tick,
  weir,
} from './harness.ts';

describe('coming back', () => {
  it('resumes where it stood, in the greeting, and keeps the data meanwhile', async () => {
    const subscription = await live();
    server.say(u(6));
    server.close(1006);
    expect(weir.state).toBe('backoff');
    expect(subscription.state).toBe('stale');
    expect(counts(subscription)).toEqual({ '/a': 1, '/b': 2 });
    await tick(250);
    server.welcome();
    expect(server.subs()).toMatchObject([{ from: { epoch: 'E1', ch: 17, s: 6 } }]);
    server.say(subd(lastId(), { mode: 'replay' }));
    expect(subscription.state).toBe('live');
    server.say(u(7, { i: [0], c: [[5], [5]] }));
    expect(counts(subscription)).toEqual({ '/a': 5, '/b': 2 });
    expect(weir.faults).toBe(0);
  });

  it('takes a snapshot where the server has another epoch', async () => {
    const subscription = await live();
    server.close(1001);
    await tick(250);
    server.welcome('E2');
    const begins = subd(lastId(), { epoch: 'E2', ch: 1, why: 'epoch_changed' });
    server.say(begins, snap(1, { ch: 1, n: 0, k: [], c: [[], []] }));
    expect(subscription.state).toBe('live');
    expect(subscription.table.size).toBe(0);
  });

  it('does not take frames for its own before the server has answered', async () => {
    const subscription = await live();
    server.close(1006);
    await tick(250);
    server.welcome('E2');
    server.say(snap(1, { n: 0, k: [], c: [[], []] })); // channel 17 of another epoch: another query
    expect(subscription.table.size).toBe(2);
  });

  it.each([1000, 1001, 1006, 1011, 1012, 1013, 1014, 3999, 4100, 4104, 4105, 4200, 4999])(
    'is tried after %d, with full jitter and doubling',
    async (code) => {
      await live();
      for (const most of [500, 1000, 2000]) {
        server.close(code);
        expect(weir.state).toBe('backoff');
        expect(weir.retryIn).toBe(most / 2); // random is 0.5
        const before = server.sockets.length;
        await tick(most / 2);
        expect(server.sockets).toHaveLength(before + 1);
        server.welcome();
      }
    },
  );

  it('hears the error of every socket, and waits for its close', async () => {
    await live();
    const { socket } = server;
    expect(socket.onerror).toBeTypeOf('function'); // unheard, npm's `ws` throws it
    socket.onerror?.();
    expect(weir.state).toBe('live');
    server.close(1006);
    expect(socket.onerror).toBeTypeOf('function'); // one that is closed early has one, too
  });

  it('begins from the shortest wait only after 30 s of life', async () => {
    await live();
    server.close(1006);
    await tick(250);
    server.welcome();
    await tick(29_000);
    server.say({ t: 'hb', now: Date.now() });
    server.close(1006);
    expect(weir.retryIn).toBe(500);
    await tick(500);
    server.welcome();
    await tick(15_000);
    server.say({ t: 'hb', now: Date.now() });
    await tick(15_000);
    server.say({ t: 'hb', now: Date.now() });
    server.close(1006);
    expect(weir.retryIn).toBe(250);
  });

  it('waits as long as `bye` asked, whatever close follows', async () => {
    for (const code of [1001, 1006, 4003]) {
      restartServer();
      await live();
      server.say({ t: 'bye', why: 'drain', after: [2000, 8000] });
      server.close(code);
      expect(weir.retryIn).toBe(5000);
      weir.close();
    }
  });

  it('comes back from a bye spread over its time, a fleet of 1,000 not at once', async () => {
    vi.mocked(Math.random).mockRestore();
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 1_000; i++) {
      restartServer();
      await live();
      server.say({ t: 'bye', why: 'drain', after: [250, 8250] });
      server.close(1001);
      expect(weir.retryIn).toBeGreaterThanOrEqual(250);
      expect(weir.retryIn).toBeLessThanOrEqual(8250);
      tenths[Math.min(9, Math.floor((weir.retryIn - 250) / 800))]++;
      weir.close();
    }
    for (const count of tenths) expect(count).toBeGreaterThan(50); // of 100; 5 deviations of 9.5
  });

  it.each([4000, 4001, 4003, 4008, 4009, 4050])(
    'is not tried after %d; the reason is told',
    async (code) => {
      const subscription = await live();
      const errors = vi.fn();
      weir.on('error', errors);
      const told = vi.fn();
      subscription.on('error', told);
      server.close(code, 'too many errors');
      await tick(120_000);
      expect(weir.state).toBe('closed');
      expect(subscription.state).toBe('closed');
      expect(server.sockets).toHaveLength(1);
      expect(errors.mock.calls[0]?.[0]).toMatchObject({
        code: 'link.closed',
        number: code,
        message: `the server closed: ${code} too many errors`,
      });
      expect(told).toHaveBeenCalledTimes(1);
    },
  );

  it('asks once for another token when one was refused', async () => {
    const getToken = vi.fn().mockResolvedValue('t');
    connect({ getToken }).subscribe(query);
    await tick();
    server.open();
    server.close(4002);
    await tick();
    expect(getToken).toHaveBeenCalledTimes(2);
    server.open();
    server.close(4002);
    expect(weir.state).toBe('closed');
  });

  it('survives a token that cannot be had', async () => {
    const getToken = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue('t');
    connect({ getToken }).subscribe(query);
    await tick();
    expect(weir.state).toBe('backoff');
    await tick(250);
    expect(server.sockets).toHaveLength(1);
  });

  it('leaves a silent socket after 25 s without waiting for its close', async () => {
    const subscription = await live();
    const silent = server.socket;
    await tick(24_000);
    expect(weir.state).toBe('live');
    await tick(6_000);
    expect(server.sockets).toHaveLength(2);
    expect(silent.isClosed).toBe(true);
    expect(subscription.state).toBe('stale');
    expect([silent.onmessage, silent.onclose]).toEqual([null, null]); // an old socket has no say
  });

  it('looks for silence as soon as the page wakes', async () => {
    const page = new EventTarget();
    vi.stubGlobal('window', page);
    vi.stubGlobal('document', page);
    await live();
    vi.setSystemTime(Date.now() + 3_600_000); // timers slept
    page.dispatchEvent(new Event('pageshow'));
    expect(weir.state).toBe('connecting');
  });

  it('rests without a network and is back within a second of it', async () => {
    const page = new EventTarget();
    vi.stubGlobal('window', page);
    vi.stubGlobal('document', page);
    await live({}, 'wss://weir.example/v1/ws');
    page.dispatchEvent(new Event('offline'));
    expect(weir.state).toBe('live'); // the socket knows better
    server.close(1006);
    page.dispatchEvent(new Event('offline'));
    expect(weir.state).toBe('offline');
    await tick(120_000);
    expect(server.sockets).toHaveLength(1);
    page.dispatchEvent(new Event('online'));
    await tick(1_000);
    expect(server.sockets).toHaveLength(2);
  });

  it('needs no network for a gateway on this machine', async () => {
    vi.stubGlobal('navigator', { onLine: false });
    await live();
    server.close(1006);
    expect(weir.state).toBe('backoff');
  });
});
