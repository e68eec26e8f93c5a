// Subscription: what a page holds. Events, or `for await`; the table is always the newest.

import type { WeirError } from './errors.ts';
import { listen, tell } from './events.ts';
import { mergeUpdates } from './merge.ts';
import type { Stat, SubscribeOptions, SubscriptionState, Table, Update } from './types.ts';
import type { Home, StreamReader, WireStream } from './wire-stream.ts';

export interface SubscriptionEvents<S extends Stat> {
  /** Every update: snapshots, changes, corrections of earlier windows, history. */
  update: Update<S>;
  state: SubscriptionState;
  error: WeirError;
}

export class Subscription<S extends Stat = Stat>
  extends EventTarget
  implements AsyncIterable<Update<S>>
{
  /** Resolves with the first snapshot; rejects when the server refuses. */
  readonly ready: Promise<void>;
  #stream: WireStream;
  #reader: StreamReader;
  #home: Home;
  #options: SubscribeOptions;
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #waiting: Update<S> | null = null;
  #closed = false;
  #error: WeirError | undefined;

  /** Made by Weir.subscribe(). */
  constructor(options: SubscribeOptions, home: Home) {
    super();
    this.#options = options;
    this.#home = home;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // whoever does not wait for it is told by the error event
    this.#reader = this.#makeReader();
    this.#stream = home.enter(this.#reader, options);
    if (options.signal?.aborted) this.close();
    options.signal?.addEventListener('abort', () => this.close(), { once: true });
    this.#catchUp();
  }

  #makeReader(): StreamReader {
    const options = () => this.#options;
    return {
      get whenHidden() {
        return options().whenHidden ?? 'slow';
      },
      update: (update) => this.#arrived(update as Update<S>),
      state: (state, error) => this.#entered(state, error),
    };
  }

  /** A table that is there already is told as well. */
  #catchUp(): void {
    const stream = this.#stream;
    if (stream.s < 0) return;
    queueMicrotask(() => {
      if (!this.#closed && this.#stream === stream) this.#reader.update(stream.whole());
    });
  }

  get state(): SubscriptionState {
    return this.#closed ? 'closed' : this.#stream.state;
  }

  get table(): Table<S> {
    return this.#stream.table as unknown as Table<S>;
  }

  /** Listens; the function it returns stops listening. */
  on<T extends keyof SubscriptionEvents<S>>(
    type: T,
    listener: (detail: SubscriptionEvents<S>[T]) => void,
  ): () => void {
    return listen(this, type, listener);
  }

  /** Changes what was given to subscribe(); the other options stay. */
  set(options: Pick<SubscribeOptions, 'rate' | 'whenHidden' | 'deliver'>): void {
    if (this.#closed) return;
    this.#options = { ...this.#options, ...options };
    const was = this.#stream;
    if (options.rate === undefined) return this.#home.changed(was);
    const reader = this.#reader;
    this.#reader = this.#makeReader();
    this.#stream = this.#home.enter(this.#reader, this.#options);
    this.#home.leave(was, reader);
    if (this.#stream !== was) this.#catchUp();
  }

  close(): void {
    if (this.#closed) return;
    this.#entered('closed');
    this.#home.leave(this.#stream, this.#reader);
    this.#settle?.resolve();
  }

  /** The newest window only, latest wins: a slow loop gets one update with every row that changed meanwhile. */
  async *[Symbol.asyncIterator](): AsyncIterator<Update<S>> {
    let waiting = this.#stream.s < 0 ? null : (this.#stream.whole() as unknown as Update<S> | null);
    let wake: (() => void) | null = null;
    const offs = [
      this.on('update', (update) => {
        if (update.correction || update.kind === 'history') return;
        waiting = mergeUpdates(waiting, update) as Update<S>;
        wake?.();
      }),
      this.on('state', () => wake?.()),
    ];
    try {
      while (!this.#closed) {
        if (!waiting) await new Promise<void>((resolve) => (wake = resolve));
        const update: Update<S> | null = waiting;
        waiting = null;
        if (update) yield update;
      }
      if (this.#error) throw this.#error;
    } finally {
      for (const off of offs) off();
    }
  }

  #arrived(update: Update<S>): void {
    if (update.kind === 'snapshot') this.#settle?.resolve();
    const frame = this.#options.deliver === 'frame' && typeof requestAnimationFrame === 'function';
    if (frame) this.#soon(update);
    else this.#tell(update);
  }

  #soon(update: Update<S>): void {
    if (update.correction || update.kind === 'history') return this.#tell(update);
    if (!this.#waiting)
      requestAnimationFrame(() => {
        const merged = this.#waiting;
        this.#waiting = null;
        if (merged && !this.#closed) this.#tell(merged);
      });
    this.#waiting = mergeUpdates(this.#waiting, update) as Update<S>;
  }

  #tell(update: Update<S>): void {
    tell(this, 'update', update);
  }

  #entered(state: SubscriptionState, error?: WeirError): void {
    if (state === 'closed') this.#closed = true;
    this.#error = error;
    if (error) {
      this.#settle?.reject(error);
      tell(this, 'error', error);
    }
    tell(this, 'state', state);
  }
}
