// Subscription: what a page holds. Events, or `for await`; the table is always the newest.

import type { WeirError } from './errors.ts';
import { mergeUpdates } from './merge.ts';
import type { Stat, SubscribeOptions, SubscriptionState, Table, Update } from './types.ts';
import type { StreamReader, WireStream } from './wire-stream.ts';

interface Events<S extends Stat> {
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
  #leave: () => void;
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #waiting: Update<S> | null = null;
  #closed = false;

  /** Made by Weir.subscribe(). */
  constructor(stream: WireStream, options: SubscribeOptions, leave: () => void) {
    super();
    this.#stream = stream;
    this.#leave = leave;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // whoever does not wait for it is told by the error event
    const deliver = options.deliver === 'frame' && typeof requestAnimationFrame === 'function';
    this.#reader = {
      update: (update) =>
        deliver ? this.#soon(update as Update<S>) : this.#tell(update as Update<S>),
      state: (state, error) => this.#entered(state, error),
    };
    stream.readers.add(this.#reader);
    if (options.signal?.aborted) this.close();
    options.signal?.addEventListener('abort', () => this.close(), { once: true });
    if (stream.state === 'live')
      queueMicrotask(() => this.#closed || this.#reader.update(stream.whole()));
  }

  get state(): SubscriptionState {
    return this.#closed ? 'closed' : this.#stream.state;
  }

  get table(): Table<S> {
    return this.#stream.table as unknown as Table<S>;
  }

  /** Listens; the function it returns stops listening. */
  on<T extends keyof Events<S>>(type: T, listener: (detail: Events<S>[T]) => void): () => void {
    const call = (event: Event) => listener((event as CustomEvent<Events<S>[T]>).detail);
    this.addEventListener(type, call);
    return () => this.removeEventListener(type, call);
  }

  close(): void {
    if (this.#closed) return;
    this.#stream.readers.delete(this.#reader);
    this.#entered('closed');
    this.#leave();
  }

  /** The newest window only, latest wins: a slow loop gets one update with every row that changed meanwhile. */
  async *[Symbol.asyncIterator](): AsyncIterator<Update<S>> {
    let waiting: Update<S> | null = null;
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
    } finally {
      for (const off of offs) off();
    }
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
    if (update.kind === 'snapshot') this.#settle?.resolve();
    this.dispatchEvent(new CustomEvent('update', { detail: update }));
  }

  #entered(state: SubscriptionState, error?: WeirError): void {
    if (state === 'closed') this.#closed = true;
    if (error) {
      this.#settle?.reject(error);
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }
}
