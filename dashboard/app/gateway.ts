// Gateway: what the page knows of the server it came from: the link, which metrics exist, where it listens.
// Owned by main; parts read its signals. It polls only while the page can be seen.

import { signal } from '@preact/signals';
import { type Query, Weir } from '../client/index.ts';
import { getJson } from './ask.ts';
import {
  type Check,
  type EventBook,
  type EventsAnswer,
  NO_EVENTS,
  readEvents,
  takeEvents,
} from './events.ts';
import type { Series } from './facets.ts';
import type { ArchiveStatus } from './health/archive.ts';
import type { IngestStatus } from './health/ledgers.ts';
import type { SlowReader, StreamCost } from './health/subscribers.ts';

export type Kind = 'counter' | 'gauge' | 'timer' | 'set';
export interface Metric {
  name: string;
  kind: Kind;
  series: number;
  last_seen: number;
}
export interface TagKey {
  key: string;
  values: { value: string; series: number }[];
}
/** What the configuration says should not be passed. */
export interface Threshold {
  metric: string;
  stat: string;
  above: boolean;
  warn: number | null;
  crit: number | null;
}
export interface Status {
  version: string;
  epoch: string;
  started: number;
  listeners: { what: string; address: string }[];
  connections: number;
  now: number;
  /** Made-up data is being made. */
  demo?: boolean;
  ingest?: IngestStatus;
  slow?: SlowReader[];
  streams?: StreamCost[];
  archive?: ArchiveStatus;
}
export type LinkState = 'live' | 'slow' | 'reconnecting' | 'offline';
export interface LinkView {
  state: LinkState;
  text: string;
  detail: string;
}

const POLL_MS = 1000;
const SLOW_MS = 3500;
/** The rate of the badge is counted in these, over four seconds. */
const SLOT_MS = 250;
const HZ_SLOTS = 16;
const STATUS_EVERY = 5;

interface Page<T> {
  items: T[];
  next: string | null;
}

export class Gateway {
  readonly weir = new Weir();
  readonly link = signal<LinkView>({ state: 'reconnecting', text: 'Connecting', detail: '' });
  readonly metrics = signal<Metric[]>([]);
  readonly status = signal<Status | null>(null);
  readonly events = signal<EventBook>(NO_EVENTS);
  /** Of service checks, the worst first; read while somebody watches the status. */
  readonly checks = signal<{ items: Check[]; total: number }>({ items: [], total: 0 });
  readonly thresholds = signal<readonly Threshold[]>([]);
  /** When the newest frame came (Date.now()); 0 before the first. */
  lastFrame = 0;
  #slots: number[] = [];
  #polls = 0;
  #watchers = 0;
  #failure = '';

  start(): void {
    this.weir.on('state', () => this.#look());
    this.weir.on('error', (error) => {
      this.#failure = error.message;
      this.#look();
    });
    this.#pulse();
    setInterval(() => this.#tick(), POLL_MS);
    document.addEventListener('visibilitychange', () => {
      // A hidden page is told little; what comes now is not late.
      if (!document.hidden && this.lastFrame > 0) this.lastFrame = Date.now();
      void this.#tick();
    });
    this.#tick();
  }

  /** One subscription that is always there: without it a page on which no card can be seen would not know the link. */
  #pulse(): void {
    const query = { metric: 'process.memory.usage', stats: ['last'] } as const;
    this.weir.subscribe(query, { rate: '1s', whenHidden: 'slow' }).on('update', () => this.heard());
  }

  /** Cards tell of each frame, for the rate and the age that the badge shows. */
  heard(): void {
    this.lastFrame = Date.now();
    // How often something moves: frames that come together move the page once.
    const slot = Math.floor(this.lastFrame / SLOT_MS);
    if (slot !== this.#slots.at(-1)) this.#slots.push(slot);
    while ((this.#slots[0] ?? slot) <= slot - HZ_SLOTS) this.#slots.shift();
  }

  async tags(metric: string): Promise<TagKey[]> {
    const answer = await getJson<{ items: TagKey[] }>(
      `/api/v1/tags?metric=${encodeURIComponent(metric)}`,
    );
    return answer?.items ?? [];
  }

  /** Of each kind that has this very name; null while the server cannot be asked. */
  async named(name: string): Promise<Metric[] | null> {
    const answer = await getJson<{ items: Metric[] }>(
      `/api/v1/metrics?limit=100&match=${encodeURIComponent(name)}`,
    );
    return answer?.items.filter((metric) => metric.name === name) ?? null;
  }

  /** Of all series that fit, as many as `most`; null where there are more, or while the server cannot be asked. */
  async series(where: NonNullable<Query['where']>, most: number): Promise<Series[] | null> {
    const found: Series[] = [];
    const ask = `/api/v1/series?metric=**&limit=1000&where=${encodeURIComponent(JSON.stringify(where))}`;
    for (let after = ''; ; ) {
      const page = await getJson<Page<Series>>(`${ask}${after}`);
      if (!page) return null;
      found.push(...page.items);
      if (!page.next) return found;
      if (found.length >= most) return null;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }

  /** The names of all metrics, as many as `most`. */
  async names(most: number): Promise<Metric[]> {
    const found: Metric[] = [];
    for (let after = ''; found.length < most; ) {
      const page = await getJson<Page<Metric>>(`/api/v1/metrics?limit=1000${after}`);
      found.push(...(page?.items ?? []));
      if (!page?.next) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    return found;
  }

  async #tick(): Promise<void> {
    this.#look();
    if (document.hidden) return;
    if (this.#polls++ % STATUS_EVERY === 0 || this.#watchers > 0 || !this.status.value)
      await this.#readStatus();
    void this.#readEvents();
    const answer = await getJson<{ items: Metric[] }>('/api/v1/metrics?limit=1000');
    if (answer && JSON.stringify(answer.items) !== JSON.stringify(this.metrics.value))
      this.metrics.value = answer.items;
  }

  async #readStatus(): Promise<void> {
    const known = this.status.value;
    this.status.value = (await getJson<Status>('/api/v1/status')) ?? known;
    // They are another run's when the server was started anew.
    if (this.status.value?.epoch !== known?.epoch)
      this.thresholds.value =
        (await getJson<{ items: Threshold[] }>('/api/v1/thresholds'))?.items ?? [];
    if (this.#watchers === 0) return;
    const checks = await getJson<{ items: Check[]; total: number }>('/api/v1/checks?limit=50');
    if (checks) this.checks.value = checks;
  }

  async #readEvents(): Promise<void> {
    const asked = this.events.value;
    const answer = await readEvents(asked, (path) => getJson<EventsAnswer>(path));
    // Two answers to one question would tell an event twice.
    if (answer && this.events.value === asked) this.events.value = takeEvents(asked, answer);
  }

  /** Something was changed there: what is known of it is asked for now. */
  refresh(): void {
    this.#polls = 0;
    void this.#tick();
  }

  /** Until it is called off, the status is read at each tick, first at once. */
  watchStatus(): () => void {
    this.#watchers++;
    void this.#readStatus();
    return () => {
      this.#watchers--;
    };
  }

  #look(): void {
    const seen = this.#view();
    const last = this.link.value;
    if (seen.state !== last.state || seen.text !== last.text || seen.detail !== last.detail)
      this.link.value = seen;
  }

  #view(): LinkView {
    const { weir } = this;
    const seconds = Math.ceil(weir.retryIn / 1000);
    switch (weir.state) {
      case 'live': {
        const age = this.lastFrame === 0 ? 0 : Date.now() - this.lastFrame;
        if (age > SLOW_MS)
          return { state: 'slow', text: 'Slow', detail: `${Math.round(age / 1000)} s behind` };
        const trip = Number.isNaN(weir.roundTrip)
          ? ''
          : `${Math.max(1, Math.round(weir.roundTrip))} ms`;
        const hz = Math.max(1, Math.round((this.#slots.length * 1000) / (HZ_SLOTS * SLOT_MS)));
        const detail = this.lastFrame > 0 ? [`${hz} Hz`, trip].filter(Boolean).join(' · ') : trip;
        return { state: 'live', text: 'Connected', detail };
      }
      case 'backoff':
        return {
          state: 'reconnecting',
          text: 'Reconnecting',
          detail: seconds > 0 ? `in ${seconds} s` : 'now',
        };
      case 'offline':
        return { state: 'offline', text: 'Offline', detail: 'this computer has no network' };
      case 'closed':
        return { state: 'offline', text: 'Offline', detail: this.#failure };
      default:
        return this.lastFrame === 0
          ? { state: 'reconnecting', text: 'Connecting', detail: '' }
          : { state: 'reconnecting', text: 'Reconnecting', detail: 'now' };
    }
  }
}
