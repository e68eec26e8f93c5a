// What the client tells about errors of the server.
import { describe, expect, it, vi } from 'vitest';
import { err, snap, subd } from './fake-server.ts';
import { connect, lastId, live, query, server, tick, weir } from './harness.ts';

describe('an error', () => {
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
    server.say({ t: 'unsubd', id: lastId(), code: 'auth.forbidden' });
    await expect(read).rejects.toMatchObject({ code: 'auth.forbidden' });
  });

  it('of rights that changed asks for the same by the new ones', async () => {
    const subscription = await live();
    const told = vi.fn();
    subscription.on('error', told);
    server.say({ t: 'unsubd', id: lastId(), code: 'auth.revoked' });
    expect(server.subs()).toHaveLength(2);
    server.close(4105);
    await tick(500);
    server.open();
    expect(server.heard('hello')[0]?.subs).toHaveLength(1);
    expect(told).not.toHaveBeenCalled();
  });
});
