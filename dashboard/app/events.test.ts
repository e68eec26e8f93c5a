import { describe, expect, it } from 'vitest';
import {
  ageOf,
  checkKey,
  EVENTS_MAX,
  eventsPath,
  marksOf,
  NO_EVENTS,
  oneLine,
  plain,
  readEvents,
  saidOf,
  takeEvents,
  type WeirEvent,
} from './events.ts';

const event = (id: number, time: number, more: Partial<WeirEvent> = {}): WeirEvent => ({
  id,
  kind: 'event',
  time,
  level: 'info',
  title: `e${id}`,
  text: '',
  host: '',
  tags: {},
  ...more,
});
const answer = (items: WeirEvent[], newest: number, epoch = 'one') => ({
  epoch,
  newest,
  items,
  next: null,
});
const titles = (events: readonly WeirEvent[]) => events.map(({ title }) => title);

describe('the events that the page knows', () => {
  it('stand by time, whatever came first, and are asked for once', () => {
    let book = takeEvents(NO_EVENTS, answer([event(2, 2000), event(1, 1000)], 2));
    expect(eventsPath(book)).toMatch(/since=2$/);
    book = takeEvents(book, answer([event(3, 500)], 3));
    expect(titles(book.events)).toEqual(['e3', 'e1', 'e2']);
  });

  it('are the same value while nothing came', () => {
    const book = takeEvents(NO_EVENTS, answer([event(1, 1000)], 1));
    expect(takeEvents(book, answer([], 1))).toBe(book);
  });

  it('are forgotten with the run of the server that numbered them, and asked for anew', () => {
    const book = takeEvents(NO_EVENTS, answer([event(9, 1000)], 9));
    const restarted = takeEvents(book, answer([], 2, 'two'));
    expect(eventsPath(restarted)).toMatch(/since=0$/);
    expect(titles(takeEvents(restarted, answer([event(1, 5000)], 2, 'two')).events)).toEqual([
      'e1',
    ]);
  });

  it('are no more than fit: the oldest go', () => {
    const many = Array.from({ length: EVENTS_MAX + 5 }, (_, at) => event(at + 1, at * 1000));
    const book = takeEvents(NO_EVENTS, answer(many, many.length));
    expect(book.events).toHaveLength(EVENTS_MAX);
    expect(book.events[0]?.id).toBe(6);
  });
});

describe('pages of events', () => {
  const page = (id: number, next: string | null, epoch = 'one') => ({
    ...answer([event(id, id)], 9, epoch),
    next,
  });
  const pages = (found: Record<string, ReturnType<typeof page> | null>) => {
    const asked: string[] = [];
    const get = (path: string) => {
      asked.push(path.replace(/^.*since=0/, ''));
      return Promise.resolve(found[asked.at(-1) ?? ''] ?? null);
    };
    return { asked, get };
  };

  it('are one answer', async () => {
    const { asked, get } = pages({ '': page(3, '30-3'), '&after=30-3': page(2, null) });
    const all = await readEvents(NO_EVENTS, get);
    expect(titles(all?.items ?? [])).toEqual(['e3', 'e2']);
    expect(asked).toHaveLength(2);
  });

  it('are none when one does not come, or the server is another one meanwhile', async () => {
    expect(await readEvents(NO_EVENTS, pages({ '': page(3, 'x') }).get)).toBeNull();
    const other = pages({ '': page(3, 'x'), '&after=x': page(2, null, 'two') });
    expect(await readEvents(NO_EVENTS, other.get)).toBeNull();
  });
});

describe('a check', () => {
  it('is another one with another name, host or tag', () => {
    const check = {
      name: 'a',
      host: 'b',
      status: 'ok',
      time: 1,
      message: '',
      tags: { k: 'v' },
    } as const;
    const keys = [
      check,
      { ...check, name: 'x' },
      { ...check, host: 'x' },
      { ...check, tags: { k: 'x' } },
    ];
    expect(new Set(keys.map(checkKey)).size).toBe(4);
    expect(checkKey({ ...check, time: 2, message: 'later' })).toBe(checkKey(check));
  });
});

describe('marks', () => {
  it('are of the span alone, and keep their key while it moves', () => {
    const events = [event(1, 1000), event(2, 30_000), event(3, 70_000)];
    const [one] = marksOf(events, 2_000, 62_000);
    const [later] = marksOf(events, 2_250, 62_250);
    expect(marksOf(events, 2_000, 62_000)).toHaveLength(1);
    expect(one?.events[0]?.id).toBe(2);
    expect(later?.key).toBe(one?.key);
  });

  it('are one where they would lie on each other, as grave as the gravest', () => {
    const events = [
      event(1, 30_000, { level: 'success' }),
      event(2, 30_100, { level: 'error' }),
      event(3, 30_200, { level: 'warning' }),
    ];
    const marks = marksOf(events, 0, 60_000);
    expect(marks).toHaveLength(1);
    expect(marks[0]?.level).toBe('error');
    expect(marks[0]?.events).toHaveLength(3);
  });

  it('are bounded however many events there are', () => {
    const events = Array.from({ length: 5000 }, (_, at) => event(at, at * 12));
    expect(marksOf(events, 0, 60_000).length).toBeLessThanOrEqual(41);
  });
});

describe('what senders wrote', () => {
  it('turns no direction around and hides nothing: such characters are seen', () => {
    expect(plain('a\u202Egnp.exe\u2066b\u0000c\u0007d\u009Be')).toBe(
      'a\uFFFDgnp.exe\uFFFDb\uFFFDc\uFFFDd\uFFFDe',
    );
    expect(plain('two\nlines, שלום')).toBe('two\nlines, שלום');
  });

  it('is cut between characters, in one line', () => {
    expect(oneLine('two\n  lines', 20)).toBe('two lines');
    expect(oneLine('💥💥💥', 2)).toBe('💥💥…');
    expect(oneLine('💥💥', 2)).toBe('💥💥');
  });

  it('is said with its state to those who hear the chart', () => {
    expect(saidOf([])).toBe('');
    expect(saidOf([event(1, 0, { level: 'warning' })])).toBe('1 event: e1 (warning)');
    const four = [1, 2, 3, 4].map((id) => event(id, id, { status: 'critical' }));
    expect(saidOf(four)).toBe(
      '4 events: e2 (critical), e3 (critical), e4 (critical), and 1 before',
    );
  });
});

describe('ages', () => {
  it('are whole and in one unit', () => {
    const ages = [0, 1500, 59_999, 60_000, 7_200_000, 172_800_000].map((age) => ageOf(0, age));
    expect(ages).toEqual(['now', '1 s ago', '59 s ago', '1 min ago', '2 h ago', '2 d ago']);
  });
});
