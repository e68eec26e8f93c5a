// WireStream: one subscription on the wire, shared by every equal Subscription of the page. Checks each frame, keeps the
// table, remembers where to resume. Knows no socket: whoever owns it says what came and asks what to send.

import { toMs } from './duration.ts';
import type { WeirError } from './errors.ts';
import type { Range, Snap, Subd, U } from './messages.ts';
import { LiveTable, Moment } from './table.ts';
import type { Query, SubscribeOptions, SubscriptionState, Table, Update } from './types.ts';

const NONE = new Uint32Array(0);

export interface StreamReader {
  update(update: Update): void;
  state(state: SubscriptionState, error?: WeirError): void;
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
  #epoch = '';
  #expected = 0;
  #parts: Snap[] = [];
  #window: readonly [number, number] = [0, 0];

  readonly key: string;
  readonly query: Query;
  readonly options: SubscribeOptions;

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
    if (rate !== undefined) body.rate = toMs(rate);
    if (history !== undefined && this.state !== 'stale') body.history = toMs(history);
    if (this.s >= 0) body.from = { epoch: this.#epoch, ch: this.ch, s: this.s };
    return body;
  }

  /** The link is down, or a frame was wrong: the data stays, and says that it is old. */
  stale(): void {
    if (this.state === 'live') this.#enter('stale');
    this.#parts = [];
  }

  /** The next `sub` asks for a snapshot, whatever was read before. */
  forget(): void {
    this.stale();
    this.s = -1;
    this.ch = -1;
  }

  subscribed(message: Subd): void {
    const replay =
      message.mode === 'replay' && message.ch === this.ch && message.epoch === this.#epoch;
    if (!replay) {
      this.#expected = -1;
      this.table = new LiveTable(message.fields, message.by);
    } else {
      this.#expected = this.s + 1;
      this.#enter('live');
    }
    this.ch = message.ch;
    this.#epoch = message.epoch;
  }

  refused(error: WeirError): void {
    this.#enter('closed', error);
  }

  /** Frames were left out; the snapshot that follows heals it. */
  gap(): Verdict {
    this.#expected = -1;
    this.stale();
    return 'taken';
  }

  snapshot(snap: Snap): Verdict {
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
    if (this.table.snapshotFault(parts)) return 'fault';
    this.table.applySnapshot(parts);
    this.#expected = snap.s + 1;
    this.s = snap.s;
    this.#window = snap.w;
    this.#enter('live');
    for (const reader of this.readers) reader.update(this.whole(snap.cov));
    return 'taken';
  }

  update(u: U): Verdict {
    if (this.#expected < 0 || u.s < this.#expected) return 'ignored';
    if (u.s !== this.#expected) return 'fault';
    const earlier = u.f === 1 || u.rev !== undefined;
    const update = earlier ? this.#correct(u) : this.#advance(u);
    if (!update) return 'fault';
    this.s = u.s;
    this.#expected = u.s + 1;
    for (const reader of this.readers) reader.update(update);
    return 'taken';
  }

  history(range: Range): void {
    range.ts.forEach((end, time) => {
      const table = new Moment(range.fields, range.by, range.k, range.c, time);
      const changed = Uint32Array.from(table.rows());
      const span = this.#window[1] - this.#window[0];
      const update = {
        kind: 'history',
        final: true,
        correction: false,
        coverage: 1,
        changed,
        removed: NONE,
        table,
      } as const;
      for (const reader of this.readers) reader.update({ ...update, window: [end - span, end] });
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
    return this.#told(u, removed, this.table, false);
  }

  #correct(u: U): Update | null {
    const table = this.table.correction(u);
    return table && this.#told(u, NONE, table, true);
  }

  #told(u: U, removed: Uint32Array, table: Table, correction: boolean): Update {
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
