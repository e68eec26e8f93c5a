// How updates reach the page: acknowledged, with history, in a loop, by frame, in a hidden tab.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { snap, subd, u } from './fake-server.ts';
import { connect, lastId, live, query, server, tick, updates, weir } from './harness.ts';
import type { Update } from './index.ts';

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

describe('history', () => {
  it('comes before the snapshot, moment by moment', async () => {
    const subscription = connect().subscribe(query, { history: '5m' });
    const seen = updates(subscription);
    await tick();
    server.welcome();
    const page = {
      fields: ['count', 'p99'],
      by: ['route'],
      window: 10_000,
      k: [['/a']],
      ts: [1000, 2000],
      next: null,
    };
    const c = [[[1, null]], [[0.1, 0.2]]];
    server.say(subd(lastId()), { t: 'range', id: lastId(), ...page, c }, snap(5));
    expect(seen.map(({ kind }) => kind)).toEqual(['history', 'history', 'snapshot']);
    expect(seen.map(({ table }) => table.get(0, 'count'))).toEqual([1, null, 1]);
    expect(seen[1]?.window).toEqual([-8000, 2000]);
  });

  it('is asked for again after a reconnect, as far back as was missed', async () => {
    connect().subscribe(query, { history: '5m' });
    await tick();
    server.welcome();
    const end = Date.now();
    server.say(subd(lastId()), snap(5, { w: [end - 10_000, end] }));
    await tick(20_000);
    server.close(1006);
    await tick(1_000);
    server.welcome('E2');
    expect(server.subs().at(-1)).toMatchObject({ history: 31_000, from: { epoch: 'E1', s: 5 } });
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

  it('is paused again after a reconnect, and slow ones are asked for slowly', async () => {
    connect();
    weir.subscribe(query, { whenHidden: 'pause' });
    weir.subscribe({ metric: 'b', stats: ['last'] });
    await tick();
    server.welcome();
    hide(true);
    server.close(1006);
    await tick(1_000);
    server.welcome();
    const [paused, slow] = server.subs();
    expect(slow).toMatchObject({ rate: 10_000 });
    expect(server.heard('mod')).toEqual([{ t: 'mod', id: paused?.id, pause: true }]);
  });

  it('that is shown between the greeting and its answer has its rate back', async () => {
    hide(true);
    connect().subscribe(query);
    await tick();
    server.open();
    expect(server.subs()).toMatchObject([{ rate: 10_000 }]);
    hide(false);
    server.say({ t: 'welcome', now: Date.now() });
    expect(server.heard('mod')).toEqual([{ t: 'mod', id: lastId(), rate: 1_000 }]);
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
