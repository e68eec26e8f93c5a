// A subscription while all goes well, and when a frame cannot be right.
import { describe, expect, it } from 'vitest';
import { snap, subd, u } from './fake-server.ts';
import { connect, counts, lastId, live, query, server, tick, updates, weir } from './harness.ts';

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
    'no number': u(6, { s: 'x' }),
    'no columns at all': u(6, { c: null }),
    'a snapshot without keys': snap(6, { k: null }),
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
