// The client against a server played by hand: one test for each promise of the protocol and the state machine.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeServer, snap, subd, u } from './fake-server.ts';
import { type Query, type Subscription, type Update, Weir, type WeirOptions } from './index.ts';

const url = 'ws://127.0.0.1:8080/v1/ws';
const query: Query = { metric: 'http.latency', by: ['route'], stats: ['count', 'p99'] };

let server: FakeServer;
let weir: Weir;

const connect = (options: WeirOptions = {}, to = url) => {
  weir = new Weir(to, { WebSocket: server.WebSocket, ...options });
  return weir;
};
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A subscription that has its first snapshot, at s = 5. */
async function live(options: WeirOptions = {}, to = url) {
  const subscription = connect(options, to).subscribe(query);
  await tick();
  server.welcome();
  server.say(subd(lastId()), snap(5));
  return subscription;
}
const lastId = () => server.subs().at(-1)?.id;
const updates = (subscription: Subscription) => {
  const seen: Update[] = [];
  subscription.on('update', (update) => seen.push(update));
  return seen;
};
const counts = ({ table }: { table: Subscription['table'] }) =>
  Object.fromEntries(
    [...table.rows()].map((row) => [table.tags(row).route, table.get(row, 'count')]),
  );

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_764_000_000_000);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  server = new FakeServer();
});
afterEach(() => {
  weir.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

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

describe('a subscription', () => {
  it('is ready with the first snapshot and follows the updates', async () => {
    const subscription = connect().subscribe(query);
    const seen = updates(subscription);
    await tick();
    server.welcome();
    expect(subscription.state).toBe('pending');
    server.say(subd(lastId()), snap(5));
    await subscription.ready;
    expect(subscription.state).toBe('live');
    server.say(u(6, { i: [1], c: [[9], [9.5]] }));
    server.say(u(7, { n: 2, x: [0], d: { i: [2], k: [['/c']] }, i: [2], c: [[3], [3.5]] }));
    expect(counts(subscription)).toEqual({ '/b': 9, '/c': 3 });
    expect(seen.map(({ kind }) => kind)).toEqual(['snapshot', 'update', 'update']);
    expect([...(seen[1]?.changed ?? [])]).toEqual([1]);
    expect([...(seen[2]?.removed ?? [])]).toEqual([0]);
    expect(seen[2]?.window).toEqual([1000, 11_000]);
  });

  it('shares the wire with an equal one, and is ended there with the last', async () => {
    const first = await live();
    const second = weir.subscribe({ ...query, stats: ['p99', 'count'] });
    const seen = updates(second);
    await second.ready;
    expect(server.subs()).toHaveLength(1);
    expect(counts(second)).toEqual({ '/a': 1, '/b': 2 });
    expect(seen.map(({ kind }) => kind)).toEqual(['snapshot']);
    first.close();
    expect(server.heard('unsub')).toHaveLength(0);
    second.close();
    expect(server.heard('unsub')).toEqual([{ t: 'unsub', id: lastId() }]);
    expect(weir.faults).toBe(0);
    server.say(u(6)); // it was under way
    expect(weir.faults).toBe(0);
  });

  it('is not changed by what the page does with its query later', async () => {
    const mine = { ...query, by: ['route'] };
    connect().subscribe(mine);
    mine.by.push('host');
    await tick();
    server.open();
    expect(server.subs()[0]?.q).toMatchObject({ by: ['route'] });
  });

  it('refuses a wrong duration at once', () => {
    connect();
    expect(() => weir.subscribe({ ...query, window: '10 s' as '10s' })).toThrow(RangeError);
  });

  it('takes a snapshot in parts, and nothing before the last', async () => {
    const subscription = connect().subscribe(query);
    await tick();
    server.welcome();
    const part = (k: number, i: number, route: string) =>
      snap(5, { n: 2, part: [k, 2], i: [i], k: [[route]], c: [[i], [i]] });
    server.say(subd(lastId()), part(1, 0, '/a'));
    expect(subscription.state).toBe('pending');
    server.say(part(2, 4, '/b'));
    expect(counts(subscription)).toEqual({ '/a': 0, '/b': 4 });
  });

  it('takes a rebase as the next frame of all', async () => {
    const subscription = await live();
    server.say(u(6), snap(7, { rebase: 1, n: 1, k: [['/z']], c: [[7], [7]] }), u(8, { n: 1 }));
    expect(counts(subscription)).toEqual({ '/z': 7 });
    expect(weir.faults).toBe(0);
  });

  it('gives corrections of earlier windows and never puts them into the table', async () => {
    const subscription = await live();
    server.say(u(6, { w: [1000, 11_000], i: [0], c: [[5], [5]] }));
    const seen = updates(subscription);
    const earlier = {
      w: [0, 10_000],
      n: undefined,
      i: [0, 9],
      c: [
        [77, 1],
        [7.5, 1],
      ],
    }; // prettier-ignore
    server.say(u(7, { ...earlier, rev: 1 }), u(8, { ...earlier, f: 1 }), u(9));
    expect(seen.map(({ correction, final }) => [correction, final])).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ]);
    expect(seen[0]?.table.get(0, 'count')).toBe(77);
    expect([...(seen[0]?.changed ?? [])]).toEqual([0]);
    expect(counts(subscription)).toEqual({ '/a': 5, '/b': 2 });
    expect(weir.faults).toBe(0);
  });

  it('takes an answer about the newest window as the newest, whatever it is called', async () => {
    const subscription = await live();
    server.say(u(6, { w: [0, 10_000], rev: 1, i: [0], c: [[5], [5]] }));
    expect(counts(subscription)).toEqual({ '/a': 5, '/b': 2 });
  });

  it('says stale at a gap, ignores what comes before the snapshot, and heals by it', async () => {
    const subscription = await live();
    server.say({ t: 'gap', ch: 17, from: 6, to: 9, why: 'slow', next: 'snap' }, u(9));
    expect(subscription.state).toBe('stale');
    expect(counts(subscription)).toEqual({ '/a': 1, '/b': 2 });
    server.say(
      snap(9, {
        c: [
          [8, 8],
          [8, 8],
        ],
      }),
      u(10),
    ); // prettier-ignore
    expect(subscription.state).toBe('live');
    expect(counts(subscription)).toEqual({ '/a': 8, '/b': 8 });
  });

  it('goes on when the server gives it another channel', async () => {
    const subscription = await live();
    server.say(subd(lastId(), { ch: 99, why: 'slow', rate: 5000 }), u(6), snap(1, { ch: 99 }));
    server.say(u(2, { ch: 99, i: [0], c: [[4], [4]] }));
    expect(counts(subscription)).toEqual({ '/a': 4, '/b': 2 });
    expect(weir.faults).toBe(0);
  });

  it('lets two subscriptions on one channel both stay right', async () => {
    const first = await live();
    const second = weir.subscribe({ ...query, window: '10s' }); // the default: the server finds them equal
    server.say(subd(lastId()), u(6), snap(6), u(7, { i: [0], c: [[3], [3]] }));
    expect([counts(first), counts(second)]).toEqual(Array(2).fill({ '/a': 3, '/b': 2 }));
    expect(weir.faults).toBe(0);
  });

  it('is closed by its signal, before and after', async () => {
    const control = new AbortController();
    connect();
    const subscription = weir.subscribe(query, { signal: control.signal });
    await tick();
    server.welcome();
    control.abort();
    expect(subscription.state).toBe('closed');
    expect(server.heard('unsub')).toHaveLength(1);
    expect(weir.subscribe(query, { signal: AbortSignal.abort() }).state).toBe('closed');
  });

  it('changes its rate in flight and keeps its table until the new one is there', async () => {
    const subscription = await live();
    subscription.set({ rate: '5s' });
    expect(server.subs().at(-1)).toMatchObject({ rate: 5000 });
    expect(server.heard('unsub')).toHaveLength(1);
    server.say(subd(lastId(), { ch: 20 }), snap(3, { ch: 20, n: 0, k: [], c: [[], []] }));
    expect(subscription.state).toBe('live');
    expect(subscription.table.size).toBe(0);
  });
});

describe('a frame that cannot be right', () => {
  const bad: Record<string, object> = {
    'a number left out': u(7),
    'a number again': u(5),
    'n of another table': u(6, { n: 5 }),
    'columns of unequal length': u(6, { i: [0], c: [[1], []] }),
    'a row out of range': u(6, { i: [9], c: [[1], [1]] }),
    'an earlier window that says nothing of it': u(6, { w: [0, 9_000] }),
    'a snapshot of the past': snap(4),
    'a rebase out of turn': snap(9, { rebase: 1 }),
    'a second part without a first': snap(9, { part: [2, 2] }),
    'a replay of nothing': subd(1, { mode: 'replay', ch: 3 }),
  };
  it.each(Object.entries(bad))(
    '(%s) is counted, and the subscription made good',
    async (_, frame) => {
      const subscription = await live();
      const [{ id } = {}] = server.subs();
      server.say({ ...frame, ...('id' in frame ? { id } : {}) });
      expect(weir.faults).toBe(1);
      expect(subscription.state).toBe('stale');
      expect(counts(subscription)).toEqual({ '/a': 1, '/b': 2 }); // what was last right stays
      expect(server.heard('unsub')).toEqual([{ t: 'unsub', id }]);
      expect(server.subs()).toHaveLength(2);
      expect(server.subs()[1]).not.toHaveProperty('from');
      server.say(u(8), subd(lastId(), { ch: 18 }), snap(1, { ch: 18 }));
      expect(subscription.state).toBe('live');
      expect(weir.faults).toBe(1);
    },
  );

  it('again and again is asked for less and less often', async () => {
    await live();
    server.say(u(9));
    expect(server.subs()).toHaveLength(2);
    for (const wait of [500, 1000, 2000]) {
      const before = server.subs().length;
      server.say(subd(lastId()), snap(1), u(9));
      await tick(wait - 1);
      expect(server.subs()).toHaveLength(before);
      await tick(1);
      expect(server.subs()).toHaveLength(before + 1);
    }
  });

  it('of a channel nobody asked for is counted and left alone', async () => {
    const subscription = await live();
    server.say(u(1, { ch: 5 }), snap(1, { ch: 6 }));
    expect(weir.faults).toBe(2);
    expect(subscription.state).toBe('live');
  });

  it('that is no message at all is counted and left alone', async () => {
    const subscription = await live();
    server.say('{', '', 'null', '{"t":"u"}', { t: 'news' }, u(6));
    expect(weir.malformed).toBe(4);
    expect(subscription.state).toBe('live');
  });
});

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
      server = new FakeServer();
      await live();
      server.say({ t: 'bye', why: 'drain', after: [2000, 8000] });
      server.close(code);
      expect(weir.retryIn).toBe(5000);
      weir.close();
    }
  });

  it.each([4000, 4001, 4003, 4008, 4009, 4050])(
    'is not tried after %d; the reason is told',
    async (code) => {
      const subscription = await live();
      const errors = vi.fn();
      weir.on('error', errors);
      const told = vi.fn();
      subscription.on('error', told);
      server.close(code);
      await tick(120_000);
      expect(weir.state).toBe('closed');
      expect(subscription.state).toBe('closed');
      expect(server.sockets).toHaveLength(1);
      expect(errors.mock.calls[0]?.[0]).toMatchObject({ code: 'link.closed', number: code });
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

describe('seen', () => {
  it('is sent from the message handler, at most every 2 s, and never by a timer', async () => {
    await live();
    const sent = () => server.heard('seen').length;
    const first = sent();
    for (let s = 6; s < 10; s++) {
      await tick(500);
      server.say(u(s));
    }
    expect(sent()).toBe(first + 1);
    await tick(20_000);
    expect(sent()).toBe(first + 1);
    server.say(u(10));
    expect(server.heard('seen').at(-1)).toEqual({ t: 'seen', a: [[17, 10]] });
  });

  it('answers a heartbeat and a pause at once', async () => {
    const subscription = await live();
    const before = server.heard('seen').length;
    server.say({ t: 'hb', now: Date.now() });
    expect(server.heard('seen')).toHaveLength(before + 1);
    server.say({ t: 'paused', id: lastId(), why: 'unseen' });
    expect(server.heard('seen')).toHaveLength(before + 2);
    expect(subscription.state).toBe('stale');
    server.say(snap(50));
    expect(subscription.state).toBe('live');
  });
});

describe('an error', () => {
  const err = (id: unknown, more: object = {}) => ({
    t: 'err',
    id,
    code: 'query.unknown_stat',
    n: 2004,
    msg: 'stats[0]: p101',
    retry: false,
    ...more,
  });

  it('closes its subscription with its stable code, and leaves the others alone', async () => {
    const other = await live();
    const subscription = weir.subscribe({ metric: 'b', stats: ['p101'] });
    const told = vi.fn();
    subscription.on('error', told);
    server.say(err(lastId()));
    await expect(subscription.ready).rejects.toMatchObject({
      name: 'WeirError',
      code: 'query.unknown_stat',
      number: 2004,
      retry: false,
    });
    expect(told).toHaveBeenCalledTimes(1);
    expect(subscription.state).toBe('closed');
    expect(other.state).toBe('live');
    expect(server.heard('unsub')).toHaveLength(0); // the server has forgotten it
    server.close(1006);
    await tick(250);
    server.open();
    expect(server.subs()).toHaveLength(1);
  });

  it('that may pass is tried again', async () => {
    connect();
    const subscription = weir.subscribe(query);
    await tick();
    server.welcome();
    server.say(err(lastId(), { code: 'server.overloaded', n: 5002, retry: true }));
    expect(server.subs()).toHaveLength(2);
    server.say(subd(lastId()), snap(1));
    expect(subscription.state).toBe('live');
    expect(weir.faults).toBe(0);
  });

  it('about the past alone means: go on without', async () => {
    const subscription = connect().subscribe(query, { history: '5m' });
    await tick();
    server.welcome();
    expect(server.subs()[0]).toMatchObject({ history: 300_000 });
    server.say(err(lastId(), { code: 'history.unavailable', n: 7003 }));
    expect(server.subs()[1]).not.toHaveProperty('history');
    server.say(subd(lastId()), snap(1));
    expect(subscription.state).toBe('live');
  });

  it('of no subscription is told by the client', async () => {
    await live();
    const told = vi.fn();
    weir.on('error', told);
    server.say(err(undefined, { code: 'proto.unknown_type', n: 6001 }));
    expect(told.mock.calls[0]?.[0]).toMatchObject({ code: 'proto.unknown_type' });
  });

  it('comes out of the loop that reads', async () => {
    const subscription = await live();
    const read = (async () => {
      for await (const _ of subscription);
    })();
    server.say({ t: 'unsubd', id: lastId(), code: 'auth.revoked' });
    await expect(read).rejects.toMatchObject({ code: 'auth.revoked' });
  });
});

describe('history', () => {
  it('comes before the snapshot, moment by moment', async () => {
    const subscription = connect().subscribe(query, { history: '5m' });
    const seen = updates(subscription);
    await tick();
    server.welcome();
    const page = {
      fields: ['count', 'p99'],
      by: ['route'],
      k: [['/a']],
      ts: [1000, 2000],
      next: null,
    };
    const c = [[[1, null]], [[0.1, 0.2]]];
    server.say(subd(lastId()), { t: 'range', id: lastId(), ...page, c }, snap(5));
    expect(seen.map(({ kind }) => kind)).toEqual(['history', 'history', 'snapshot']);
    expect(seen.map(({ table }) => table.get(0, 'count'))).toEqual([1, null, 1]);
    expect(seen[1]?.window[1]).toBe(2000);
  });
});

describe('for await', () => {
  it('begins with the table that is there; a slow loop gets the newest, never a backlog', async () => {
    const subscription = await live();
    const reader = subscription[Symbol.asyncIterator]();
    const first = await reader.next();
    expect([...(first.value as Update).changed]).toEqual([0, 1]);
    for (let s = 6; s < 100; s++) server.say(u(s, { i: [s % 2], c: [[s], [s]] }));
    const second = (await reader.next()).value as Update;
    expect([...second.changed]).toEqual([0, 1]);
    expect(second.table.get(1, 'count')).toBe(99);
    const third = reader.next();
    server.say(u(100, { i: [1], c: [[7], [7]] }));
    expect([...((await third).value as Update).changed]).toEqual([1]);
  });

  it('ends when the subscription does', async () => {
    const subscription = await live();
    const reader = subscription[Symbol.asyncIterator]();
    await reader.next();
    const last = reader.next();
    subscription.close();
    expect((await last).done).toBe(true);
  });
});

describe('deliver: frame', () => {
  it('tells once a frame, with all that changed', async () => {
    const frames: (() => void)[] = [];
    vi.stubGlobal('requestAnimationFrame', (call: () => void) => frames.push(call));
    connect();
    const subscription = weir.subscribe(query, { deliver: 'frame' });
    const seen = updates(subscription);
    await tick();
    server.welcome();
    server.say(subd(lastId()), snap(5));
    await subscription.ready; // not kept waiting by a page that draws nothing
    for (const call of frames.splice(0)) call();
    server.say(u(6, { i: [0], c: [[1], [1]] }), u(7, { i: [1], c: [[1], [1]] }));
    for (const call of frames.splice(0)) call();
    expect(seen.map(({ kind, changed }) => [kind, [...changed]])).toEqual([
      ['snapshot', [0, 1]],
      ['update', [0, 1]],
    ]);
  });
});

describe('a hidden tab', () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const hide = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  beforeEach(() => {
    page.hidden = false;
    vi.stubGlobal('document', page);
  });

  it('asks for an update every 10 s, and for the old rate when it is back', async () => {
    await live();
    hide(true);
    hide(false);
    const id = lastId();
    expect(server.heard('mod')).toEqual([
      { t: 'mod', id, rate: 10_000 },
      { t: 'mod', id, rate: 1_000 },
    ]);
  });

  it('pauses, or goes on, as the most wakeful reader wishes', async () => {
    connect();
    const sleeper = weir.subscribe(query, { whenHidden: 'pause' });
    await tick();
    server.welcome();
    hide(true);
    const id = lastId();
    const waker = weir.subscribe(query, { whenHidden: 'keep' });
    waker.close();
    sleeper.set({ whenHidden: 'keep' });
    expect(server.heard('mod')).toEqual([
      { t: 'mod', id, pause: true },
      { t: 'mod', id, pause: false },
      { t: 'mod', id, pause: true },
      { t: 'mod', id, pause: false },
    ]);
  });

  it('does not lose a subscription over a server that knows no `mod`', async () => {
    const subscription = await live();
    hide(true);
    server.say({
      t: 'err',
      id: lastId(),
      code: 'proto.unknown_type',
      n: 6001,
      msg: '',
      retry: false,
    });
    expect(subscription.state).toBe('live');
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
