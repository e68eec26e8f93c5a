// WireStream: one subscription on the wire, shared by every equal Subscription of the page. Checks each frame, keeps the
// table, remembers where to resume. Knows no socket: whoever owns it says what came and asks what to send.

import { toMs } from './duration.ts';
import type { WeirError } from './errors.ts';
import type { Snap, Subd, U } from './messages.ts';
import { LiveTable, moments } from './table.ts';
import type { Query, Range, SubscribeOptions, SubscriptionState, Table, Update } from './types.ts';

const HIDDEN_MS = 10_000;
const CALM_MS = 30_000;
const NONE = new Uint32Array(0);

export interface StreamReader {
  readonly whenHidden: 'slow' | 'pause' | 'keep';
  update(update: Update): void;
  state(state: SubscriptionState, error?: WeirError): void;
}

/** Where subscriptions stand: Weir. */
export interface Home {
  enter(reader: StreamReader, options: SubscribeOptions): WireStream;
  leave(stream: WireStream, reader: StreamReader): void;
  /** `whenHidden` of one of its readers is another. */
  changed(stream: WireStream): void;
}

/** What became of a frame: `fault` wants the subscription afresh. */
export type Verdict = 'taken' | 'ignored' | 'fault';

export class WireStream {
  readonly readers = new Set<StreamReader>();
  state: SubscriptionState = 'pending';
  id = 0;
  ch = -1;
  s = -1;
  table: LiveTable = new LiveTable([], []);
  /** `subd` came on this connection: the frames of `ch` are ours. */
  bound = false;
  /** Times that it began afresh of late; see calm(). */
  retries = 0;
  #retriedAt = 0;
  #epoch = '';
  #shape: Pick<Subd, 'fields' | 'by'> = { fields: [], by: [] };
  #expected = -1; // the next s; -1 until the snapshot is there
  #parts: Snap[] = [];
  #hidden: StreamReader['whenHidden'] = 'keep';
  #told: StreamReader['whenHidden'] = 'keep'; // what the server knows of it
  #window: readonly [number, number] = [0, 0];

  readonly key: string;
  readonly query: Query;
  options: SubscribeOptions;

  constructor(key: string, query: Query, options: SubscribeOptions) {
    this.key = key;
    this.query = query;
    this.options = options;
  }

  /** The body of `sub`, for `hello.subs` too. Asks to resume where there is something to resume. */
  body(id: number): Record<string, unknown> {
    this.id = id;
    const { rate, history } = this.options;
    const body: Record<string, unknown> = { id, q: this.query };
    this.#told = this.#hidden === 'slow' ? 'slow' : 'keep'; // a pause is asked for apart
    if (this.#told === 'slow' || rate !== undefined) body.rate = this.#rateMs;
    if (history !== undefined) body.history = this.#missing(toMs(history));
    if (this.s >= 0) body.from = { epoch: this.#epoch, ch: this.ch, s: this.s };
    return body;
  }

  /** When there is a chart already, only what it does not show yet, should the channel not have it any more. */
  #missing(historyMs: number): number {
    const [start, end] = this.#window;
    return end > 0 ? Math.max(1, Math.min(historyMs, Date.now() - start)) : historyMs;
  }

  get #rateMs(): number {
    return Math.max(toMs(this.options.rate ?? 1_000), this.#told === 'slow' ? HIDDEN_MS : 0);
  }

  /** The page is hidden or shown: as the most wakeful reader wishes. */
  hide(hidden: boolean): void {
    const wishes = [...this.readers].map((reader) => reader.whenHidden);
    const asleep = wishes.includes('slow') ? 'slow' : 'pause';
    this.#hidden = !hidden || wishes.length === 0 || wishes.includes('keep') ? 'keep' : asleep;
  }

  /** What to say to the server of it; [] when it knows. */
  hiding(): Record<string, unknown>[] {
    const how = this.#hidden;
    const was = this.#told;
    if (was === how) return [];
    this.#told = how;
    const { id } = this;
    const said: Record<string, unknown>[] = [];
    if (was === 'pause') said.push({ t: 'mod', id, pause: false });
    if (how === 'slow' || was === 'slow') said.push({ t: 'mod', id, rate: this.#rateMs });
    if (how === 'pause') said.push({ t: 'mod', id, pause: true });
    return said;
  }

  /** The link is down: the data stays, and says that it is old. */
  lost(): void {
    this.bound = false;
    this.gap();
  }

  /** The next `sub` asks for a snapshot, whatever was read before. */
  forget(): void {
    this.lost();
    this.s = -1;
  }

  /** How many times it began afresh lately, this time not counted: the more, the longer to wait. */
  retried(now: number): number {
    if (now - this.#retriedAt > CALM_MS) this.retries = 0;
    this.#retriedAt = now;
    return this.retries++;
  }

  subscribed(message: Subd): Verdict {
    if (message.mode === 'replay') {
      const right = this.s >= 0 && message.ch === this.ch && message.epoch === this.#epoch;
      const { fields, by } = this.#shape;
      const same = JSON.stringify([message.fields, message.by]) === JSON.stringify([fields, by]);
      if (!right || !same) return 'fault';
      this.#expected = this.s + 1;
      this.bound = true;
      this.#enter('live');
      return 'taken';
    }
    this.#expected = -1;
    this.#parts = [];
    this.#shape = message;
    this.s = -1;
    this.ch = message.ch;
    this.#epoch = message.epoch;
    this.bound = true;
    return 'taken';
  }

  refused(error: WeirError): void {
    this.#enter('closed', error);
  }

  /** Frames were left out; the snapshot that follows heals it. */
  gap(): Verdict {
    this.#expected = -1;
    this.#parts = [];
    if (this.state === 'live') this.#enter('stale');
    return 'taken';
  }

  /** `shared`: another subscription reads this channel too, so a snapshot may be for it alone. */
  snapshot(snap: Snap, shared = false): Verdict {
    const waiting = this.#expected < 0;
    if (!waiting && shared && snap.s <= this.s) return 'ignored';
    if (!waiting && snap.rebase && snap.s !== this.#expected) return 'fault';
    if (!waiting && snap.s < this.s) return 'fault';
    if (snap.part) {
      const [part, of] = snap.part;
      if (part !== this.#parts.length + 1) return 'fault';
      this.#parts.push(snap);
      if (part < of) return 'taken';
    } else {
      this.#parts = [snap];
    }
    const parts = this.#parts;
    this.#parts = [];
    const table = new LiveTable(this.#shape.fields, this.#shape.by);
    if (table.snapshotFault(parts)) return 'fault';
    table.applySnapshot(parts);
    this.table = table;
    this.#expected = snap.s + 1;
    this.s = snap.s;
    this.#window = snap.w;
    this.#enter('live');
    for (const reader of this.readers) reader.update(this.whole(snap.cov));
    return 'taken';
  }

  update(u: U, shared = false): Verdict {
    if (this.#expected < 0) return 'ignored';
    if (shared && u.s < this.#expected) return 'ignored';
    if (u.s !== this.#expected || this.#parts.length > 0) return 'fault';
    const earlier = u.w[1] < this.#window[1];
    const update = earlier ? this.#correct(u) : this.#advance(u);
    if (!update) return 'fault';
    this.s = u.s;
    this.#expected = u.s + 1;
    for (const reader of this.readers) reader.update(update);
    return 'taken';
  }

  history(range: Range): void {
    moments(range).forEach((table, time) => {
      const end = range.ts[time] as number;
      const update: Update = {
        kind: 'history',
        window: [end - range.window, end],
        final: true,
        correction: false,
        coverage: 1,
        changed: Uint32Array.from(table.rows()),
        removed: NONE,
        table,
      };
      for (const reader of this.readers) reader.update(update);
    });
  }

  /** The table as it stands, for a reader that joins late. */
  whole(coverage = 1): Update {
    const changed = Uint32Array.from(this.table.rows());
    const base = { kind: 'snapshot', final: false, correction: false, removed: NONE } as const;
    return { ...base, window: this.#window, coverage, changed, table: this.table };
  }

  #advance(u: U): Update | null {
    if (this.table.updateFault(u)) return null;
    this.table.applyUpdate(u);
    this.#window = u.w;
    const removed = u.x ? Uint32Array.from(u.x) : NONE;
    return this.#tell(u, removed, this.table, false);
  }

  #correct(u: U): Update | null {
    const table = this.table.correction(u);
    return table && this.#tell(u, NONE, table, true);
  }

  #tell(u: U, removed: Uint32Array, table: Table, correction: boolean): Update {
    const changed = correction ? Uint32Array.from(table.rows()) : Uint32Array.from(u.i);
    const final = u.f === 1;
    return {
      kind: 'update',
      window: u.w,
      final,
      correction,
      coverage: u.cov ?? 1,
      changed,
      removed,
      table,
    };
  }

  #enter(state: SubscriptionState, error?: WeirError): void {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    for (const reader of [...this.readers]) reader.state(state, error);
  }
}
