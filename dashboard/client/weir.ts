// Weir: a page's one connection to the gateway, and the subscriptions on it.

import { WeirError } from './errors.ts';
import { Link, type LinkOwner } from './link.ts';
import type { ServerMessage } from './messages.ts';
import { queryKey } from './query-key.ts';
import { Subscription } from './subscription.ts';
import type { Query, Stat, State, SubscribeOptions, WeirOptions } from './types.ts';
import { WireStream } from './wire-stream.ts';

interface Events {
  state: State;
  error: WeirError;
}

export class Weir extends EventTarget {
  /** Frames that broke the protocol's rules since the start; each one made its subscription start afresh. */
  faults = 0;
  #link: Link;
  #streams = new Map<string, WireStream>();
  #byId = new Map<number, WireStream>();
  #ids = 0;

  /** `url`: `ws://host:port/v1/ws`, or nothing for the page's own origin. */
  constructor(url: string = ownUrl(), options: WeirOptions = {}) {
    super();
    const owner: LinkOwner = {
      subs: () => this.#subs(),
      seen: () =>
        [...this.#streams.values()]
          .filter((stream) => stream.s >= 0)
          .map((stream) => [stream.ch, stream.s]),
      message: (message) => this.#message(message),
      state: (state) => this.dispatchEvent(new CustomEvent('state', { detail: state })),
      lost: () => this.#lost(),
      failed: (error) => this.#failed(error),
    };
    this.#link = new Link(url, options, owner);
  }

  get state(): State {
    return this.#link.state;
  }
  /** The last answer to a ping, in ms; NaN before the first. */
  get roundTrip(): number {
    return this.#link.roundTrip;
  }
  /** While in `backoff`: ms until the next attempt. */
  get retryIn(): number {
    return Math.max(0, this.#link.retryAt - Date.now());
  }
  /** Messages that were no JSON of ours. */
  get malformed(): number {
    return this.#link.malformed;
  }

  on<T extends keyof Events>(type: T, listener: (detail: Events[T]) => void): () => void {
    const call = (event: Event) => listener((event as CustomEvent<Events[T]>).detail);
    this.addEventListener(type, call);
    return () => this.removeEventListener(type, call);
  }

  /** Equal subscriptions share one on the wire. Throws a RangeError for a duration that is none. */
  subscribe<S extends Stat>(query: Query<S>, options: SubscribeOptions = {}): Subscription<S> {
    const key = queryKey(query, options);
    let stream = this.#streams.get(key);
    if (!stream || stream.state === 'closed') {
      stream = new WireStream(key, query, options);
      this.#streams.set(key, stream);
      if (this.state === 'live') this.#subscribe(stream);
    }
    const shared = stream;
    const subscription = new Subscription<S>(shared, options, () => this.#left(shared));
    this.#link.wanted();
    return subscription;
  }

  close(): void {
    this.#link.close();
    this.#failed(new WeirError('link.closed', 1000, 'closed by the page'));
  }

  #subs(): Record<string, unknown>[] {
    this.#byId.clear();
    return [...this.#streams.values()].map((stream) => this.#body(stream));
  }

  #body(stream: WireStream): Record<string, unknown> {
    const id = ++this.#ids;
    this.#byId.set(id, stream);
    return stream.body(id);
  }

  #subscribe(stream: WireStream): void {
    this.#link.send({ t: 'sub', ...this.#body(stream) });
  }

  #left(stream: WireStream): void {
    if (stream.readers.size > 0 || this.#streams.get(stream.key) !== stream) return;
    this.#streams.delete(stream.key);
    this.#unsubscribe(stream);
  }

  #unsubscribe(stream: WireStream): void {
    if (this.#byId.delete(stream.id)) this.#link.send({ t: 'unsub', id: stream.id });
  }

  #message(message: ServerMessage): void {
    switch (message.t) {
      case 'subd':
        return this.#byId.get(message.id)?.subscribed(message);
      case 'snap':
        return this.#frame(message.ch, (stream) => stream.snapshot(message));
      case 'u':
        return this.#frame(message.ch, (stream) => stream.update(message));
      case 'gap':
        return this.#frame(message.ch, (stream) => stream.gap());
      case 'range':
        return this.#byId.get(message.id)?.history(message);
      case 'paused':
        return this.#byId.get(message.id)?.stale();
      case 'err':
        return this.#refused(
          message.id,
          new WeirError(message.code, message.n, message.msg, message.retry),
        );
      case 'unsubd':
        return this.#refused(
          message.id,
          new WeirError(message.code, 0, 'the server ended the subscription'),
        );
    }
  }

  #frame(ch: number, take: (stream: WireStream) => string): void {
    for (const stream of this.#streams.values()) {
      if (stream.ch !== ch) continue;
      let verdict = 'fault';
      try {
        verdict = take(stream);
      } catch {
        // a frame of the wrong shape: a fault like any other
      }
      if (verdict === 'fault') this.#afresh(stream);
    }
  }

  #afresh(stream: WireStream): void {
    this.faults++;
    this.#unsubscribe(stream);
    stream.forget();
    this.#subscribe(stream);
  }

  #refused(id: number | undefined, error: WeirError): void {
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
    const stream = id === undefined ? undefined : this.#byId.get(id);
    if (!stream) return;
    this.#byId.delete(stream.id);
    this.#streams.delete(stream.key);
    stream.refused(error);
  }

  #lost(): void {
    this.#byId.clear();
    for (const stream of this.#streams.values()) stream.stale();
  }

  #failed(error: WeirError): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#byId.clear();
    for (const stream of streams) stream.refused(error);
    if (error.number !== 1000) this.dispatchEvent(new CustomEvent('error', { detail: error }));
  }
}

function ownUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/ws`;
}
