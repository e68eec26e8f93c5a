// What is asked once: the past page by page, and which metrics there are.
import { describe, expect, it } from 'vitest';
import { err } from './fake-server.ts';
import { connect, live, query, server, tick, weir } from './harness.ts';
import type { Range, WeirError } from './index.ts';

const page = (id: unknown, next: string | null) => ({
  t: 'range',
  id,
  fields: ['count', 'p99'],
  by: ['route'],
  window: 10_000,
  step: 10_000,
  k: [['/a']],
  ts: [1000],
  c: [[[1]], [[2]]],
  next,
});
const asked = (type: string) => server.heard(type).at(-1);
async function collect(pages: AsyncIterable<Range>): Promise<Range[]> {
  const all: Range[] = [];
  for await (const one of pages) all.push(one);
  return all;
}

describe('range', () => {
  it('gives each page, and ends after the last', async () => {
    await live();
    const all = collect(weir.range(query, { start: 0, end: 60_000, step: '10s' }));
    await tick();
    const { id, ...question } = asked('range') ?? {};
    expect(question).toEqual({ t: 'range', q: query, start: 0, end: 60_000, step: 10_000 });
    server.say(page(id, 'more'), page(id, null), page(id, null));
    expect((await all).map(({ next }) => next)).toEqual(['more', null]);
    expect(server.heard('unsub')).toHaveLength(0);
  });

  it('tells the server when nobody waits for the rest', async () => {
    await live();
    const pages = weir.range(query, { start: 0 });
    const first = pages.next();
    await tick();
    const id = asked('range')?.id;
    server.say(page(id, 'more'));
    await first;
    await pages.return();
    expect(asked('unsub')).toEqual({ t: 'unsub', id });
  });

  it('asked before the connection stands, it waits for that', async () => {
    const all = collect(connect().range(query, { start: 0 }));
    await tick();
    server.open();
    expect(server.heard('range')).toHaveLength(0);
    server.welcome();
    server.say(page(asked('range')?.id, null));
    expect(await all).toHaveLength(1);
  });

  it('fails with what the server refuses, and only that question', async () => {
    const subscription = await live();
    const failed = collect(weir.range(query, { start: 0 })).catch((error: WeirError) => error);
    await tick();
    server.say(err(asked('range')?.id, { code: 'limit.range', n: 3005 }));
    expect(await failed).toMatchObject({ code: 'limit.range', number: 3005 });
    expect(subscription.state).toBe('live');
  });

  it('fails when the link is lost, and may be tried again', async () => {
    await live();
    const failed = collect(weir.range(query, { start: 0 })).catch((error: WeirError) => error);
    await tick();
    server.close(1006);
    expect(await failed).toMatchObject({ code: 'link.lost', retry: true });
  });

  it('fails when the page closes the client', async () => {
    await live();
    const failed = collect(weir.range(query, { start: 0 })).catch((error: WeirError) => error);
    await tick();
    weir.close();
    expect(await failed).toMatchObject({ code: 'link.closed' });
    await expect(weir.meta('metrics')).rejects.toMatchObject({ code: 'link.closed' });
  });
});

describe('an aborted question', () => {
  it('fails with the reason, tells the server, and leaves the others alone', async () => {
    await live();
    const control = new AbortController();
    const { signal } = control;
    const all = weir.history(query, { start: 0, signal }).catch((error: unknown) => error);
    const list = weir.meta('metrics', { signal }).catch((error: unknown) => error);
    const other = weir.meta('metrics');
    await tick();
    const ids = [asked('range')?.id, server.heard('meta').map(({ id }) => id)].flat();
    control.abort(new Error('enough'));
    expect(await all).toMatchObject({ message: 'enough' });
    expect(await list).toMatchObject({ message: 'enough' });
    expect(server.heard('unsub')).toEqual([{ t: 'unsub', id: ids[0] }]);
    server.say({ t: 'meta', id: ids[2], what: 'metrics', items: [], next: null });
    expect(await other).toMatchObject({ items: [] });
    await expect(weir.meta('metrics', { signal })).rejects.toThrow('enough');
  });
});

describe('meta', () => {
  it('gives the list', async () => {
    await live();
    const list = weir.meta('metrics', { match: 'http.*', limit: 2 });
    await tick();
    const { id, ...question } = asked('meta') ?? {};
    expect(question).toEqual({ t: 'meta', what: 'metrics', match: 'http.*', limit: 2 });
    const items = [{ name: 'http.time', kind: 'timer', series: 3, last_seen: 1 }];
    server.say({ t: 'meta', id, what: 'metrics', items, next: null });
    expect(await list).toMatchObject({ items, next: null });
  });
});
