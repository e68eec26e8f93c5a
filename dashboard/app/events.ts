// Events: what /api/v1/events and /checks say, kept and made ready to be shown. Pure. Whatever senders wrote stays text.

export type Level = 'info' | 'success' | 'warning' | 'error';
export type CheckStatus = 'ok' | 'warning' | 'critical' | 'unknown';

/** An event, or a check whose status changed. */
export interface WeirEvent {
  id: number;
  kind: 'event' | 'check';
  /** ms since 1970. */
  time: number;
  level: Level;
  title: string;
  text: string;
  host: string;
  status?: CheckStatus;
  tags: Record<string, string>;
}
export interface EventsAnswer {
  epoch: string;
  newest: number;
  items: WeirEvent[];
  /** `after` of the page behind this one, which ends early where texts are long. */
  next: string | null;
}
/** The last word of a check. */
export interface Check {
  name: string;
  host: string;
  status: CheckStatus;
  time: number;
  message: string;
  tags: Record<string, string>;
}

/** What tells two checks apart: name, host and tags. */
export const checkKey = ({ name, host, tags }: Check): string =>
  JSON.stringify([name, host, Object.entries(tags)]);

/** Newer ones push the oldest out. */
export const EVENTS_MAX = 200;

/** The events that this page knows, and where it goes on asking. A value: taking an answer gives another one. */
export interface EventBook {
  readonly epoch: string;
  readonly newest: number;
  /** By time. */
  readonly events: readonly WeirEvent[];
}
export const NO_EVENTS: EventBook = { epoch: '', newest: 0, events: [] };

/** What to ask for, so that nothing comes twice; `after` of the page before. */
export const eventsPath = (book: EventBook, after?: string): string =>
  `/api/v1/events?limit=${EVENTS_MAX}&since=${book.newest}${after ? `&after=${after}` : ''}`;

/** One answer of its pages, as many of them as make EVENTS_MAX events; nothing when one did not come. */
export async function readEvents(
  book: EventBook,
  get: (path: string) => Promise<EventsAnswer | null>,
): Promise<EventsAnswer | null> {
  const first = await get(eventsPath(book));
  if (!first) return null;
  const items = [...first.items];
  for (let next = first.next; next && items.length < EVENTS_MAX; ) {
    const page = await get(eventsPath(book, next));
    if (!page || page.epoch !== first.epoch) return null;
    items.push(...page.items);
    next = page.next;
  }
  return { ...first, items };
}

/** Another epoch is another run of the server: its ids begin anew, so nothing that is known holds, and it is asked again. */
export function takeEvents(book: EventBook, answer: EventsAnswer): EventBook {
  const other = answer.epoch !== book.epoch;
  if (other && book.newest > 0) return { ...NO_EVENTS, epoch: answer.epoch };
  if (!other && answer.items.length === 0) return book;
  const events = [...book.events, ...answer.items].sort((a, b) => a.time - b.time || a.id - b.id);
  return { epoch: answer.epoch, newest: answer.newest, events: events.slice(-EVENTS_MAX) };
}

/** Shape and word: what a colour says, they say, too. */
export const LEVELS: Record<Level, { mark: string; word: string; rank: number }> = {
  info: { mark: '■', word: 'info', rank: 0 },
  success: { mark: '●', word: 'success', rank: 1 },
  warning: { mark: '◆', word: 'warning', rank: 2 },
  error: { mark: '▲', word: 'error', rank: 3 },
};
export const STATUS_LEVEL: Record<CheckStatus, Level> = {
  ok: 'success',
  warning: 'warning',
  critical: 'error',
  unknown: 'info',
};

/** `warning`, or of a check its status. */
export const wordOf = (event: WeirEvent): string => event.status ?? LEVELS[event.level].word;

/** Control characters and what turns the direction of text around stand there as one can see them; line ends stay. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, (c) => (c === '\n' ? c : '\uFFFD'));

/** In one line, at most so many characters. */
export function oneLine(text: string, most: number): string {
  const line = plain(text).replace(/\s+/g, ' ').trim();
  const characters = [...line.slice(0, 2 * most + 2)];
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : line;
}

export interface Mark {
  /** The same while the chart moves on. */
  key: number;
  time: number;
  /** The gravest of its events. */
  level: Level;
  events: WeirEvent[];
}
/** Marks that fit beside each other on a chart. */
const MARKS_A_CHART = 40;

/** The events of a span as marks: those that would lie on each other are one. Times in ms. */
export function marksOf(events: readonly WeirEvent[], from: number, to: number): Mark[] {
  const step = (to - from) / MARKS_A_CHART;
  const marks = new Map<number, Mark>();
  for (const event of events) {
    if (event.time < from || event.time > to) continue;
    const key = Math.floor(event.time / step);
    const mark = marks.get(key);
    if (!mark) marks.set(key, { key, time: event.time, level: event.level, events: [event] });
    else {
      mark.events.push(event);
      if (LEVELS[event.level].rank > LEVELS[mark.level].rank) mark.level = event.level;
    }
  }
  return [...marks.values()];
}

const SAID_MAX = 3;
const TITLE_CHARACTERS = 80;

/** For those who hear the chart: `2 events: deploy (info), db.up (critical)`. Empty when there are none. */
export function saidOf(events: readonly WeirEvent[]): string {
  if (events.length === 0) return '';
  const said = events
    .slice(-SAID_MAX)
    .map((event) => `${oneLine(event.title, TITLE_CHARACTERS)} (${wordOf(event)})`);
  const more = events.length > said.length ? `, and ${events.length - said.length} before` : '';
  return `${events.length} ${events.length === 1 ? 'event' : 'events'}: ${said.join(', ')}${more}`;
}

/** `12:30:05`, with the day where it is not today's. */
export function clockOf(time: number, now: number): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString('en-GB');
  if (date.toDateString() === new Date(now).toDateString()) return clock;
  return `${date.toLocaleDateString(undefined, { month: 'short', day: 'numeric' })} ${clock}`;
}

/** `now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function ageOf(time: number, now: number): string {
  const seconds = Math.floor((now - time) / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
