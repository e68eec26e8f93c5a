// Weir: a page's one connection to the gateway, and the subscriptions on it.

import { type Answer, Ask } from './ask.ts';
import { backoffMs } from './backoff.ts';
import { toMs } from './duration.ts';
import { WeirError } from './errors.ts';
import { listen, tell } from './events.ts';
import { Link, type LinkOwner } from './link.ts';
import type { ServerMessage, Subd } from './messages.ts';
import { queryKey } from './query-key.ts';
import { Subscription } from './subscription.ts';
import type {
  Meta,
  MetaOptions,
  Query,
  Range,
  Span,
  Stat,
  State,
  SubscribeOptions,
  Transport,
  WeirOptions,
} from './types.ts';
import { type StreamReader, WireStream } from './wire-stream.ts';

/** Channels that are remembered as left; frames of older ones are long gone. */
const LEFT_MAX = 1_000;

export interface WeirEvents {
  state: State;
  error: WeirError;
}

export class Weir extends EventTarget {
  /** Frames that broke the protocol's rules since the start; each one made its subscription start afresh. */
  faults = 0;
  #link: Link;
  #streams = new Map<string, WireStream>();
  #byId = new Map<number, WireStream>();
  #asks = new Map<number, Ask>();
  #ids = 0;
  #later = new Map<WireStream, ReturnType<typeof setTimeout>>();
  #left = new Set<number>(); // channels whose last frames may still be under way

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
      malformed: (data) => {
        const [, , ch] = /^{"t":"(u|snap)","ch":(\d+)/.exec(`${data}`) ?? [];
        if (ch) this.#frame(Number(ch), () => 'fault');
      },
      state: (state) => {
        if (state === 'live') this.#catchUp();
        tell(this, 'state', state);
      },
      lost: () => this.#lost(),
      shown: () => {
        for (const stream of this.#streams.values()) this.#hide(stream);
      },
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
  /** What the connection is made of, or the attempt. */
  get transport(): Transport {
    return this.#link.transport;
  }
  /** While in `backoff`: ms until the next attempt. */
  get retryIn(): number {
    return Math.max(0, this.#link.retryAt - Date.now());
  }
  /** When the server was last heard (Date.now()); 0 before. */
  get heardAt(): number {
    return this.#link.heard;
  }
  /** The server's clock, as far as it is known, in ms since the epoch. */
  now(): number {
    return Date.now() + this.#link.clockOffset;
  }
  /** Messages that were no JSON of ours. */
  get malformed(): number {
    return this.#link.malformed;
  }

  on<T extends keyof WeirEvents>(type: T, listener: (detail: WeirEvents[T]) => void): () => void {
    return listen(this, type, listener);
  }

  /** Equal subscriptions share one on the wire. Throws a RangeError for a duration that is none. */
  subscribe<S extends Stat>(query: Query<S>, options: SubscribeOptions = {}): Subscription<S> {
    const asked = structuredClone(query); // what the page does with its object later is not asked for
    return new Subscription<S>(options, {
      enter: (reader, wanted) => this.#enter(asked, wanted, reader),
      leave: (stream, reader) => this.#leave(stream, reader),
      changed: (stream) => this.#hide(stream),
    });
  }

  /** The past, page after page; every row at every time stands in one of them. */
  async *range(query: Query, { start, end, step, signal }: Span): AsyncGenerator<Range, void> {
    const ask = { t: 'range', q: query, start, end, step: step && toMs(step) };
    for await (const page of this.#ask(ask, signal)) yield page as Range;
  }

  /** The past, all pages of it at once. */
  async history(query: Query, span: Span): Promise<Range[]> {
    const pages: Range[] = [];
    for await (const page of this.range(query, span)) pages.push(page);
    return pages;
  }

  /** Which metrics there are, or which tags those have. */
  async meta(what: 'metrics' | 'tags', { signal, ...options }: MetaOptions = {}): Promise<Meta> {
    const { value } = await this.#ask({ t: 'meta', what, ...options }, signal).next();
    return value as Meta;
  }

  async *#ask(
    message: Record<string, unknown>,
    signal?: AbortSignal,
  ): AsyncGenerator<Answer, void> {
    if (this.state === 'closed') throw closedByPage();
    signal?.throwIfAborted();
    const id = ++this.#ids;
    const ask = new Ask({ ...message, id });
    this.#asks.set(id, ask);
    const abort = () => ask.fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    this.#link.wanted();
    this.#sendAsks();
    try {
      for (;;) {
        const answer = await ask.next();
        if (answer.t === 'meta' || answer.next === null) this.#asks.delete(id);
        yield answer;
        if (!this.#asks.has(id)) return;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      if (this.#asks.delete(id) && ask.sent && message.t === 'range')
        this.#link.send({ t: 'unsub', id });
    }
  }

  #sendAsks(): void {
    for (const ask of this.#asks.values()) {
      if (ask.sent || this.state !== 'live') continue;
      ask.sent = true;
      this.#link.send(ask.message);
    }
  }

  #failAsks(error: WeirError, which = (_: Ask) => true): void {
    for (const [id, ask] of this.#asks) {
      if (!which(ask)) continue;
      this.#asks.delete(id);
      ask.fail(error);
    }
  }

  #enter(query: Query, options: SubscribeOptions, reader: StreamReader): WireStream {
    const key = queryKey(query, options);
    let stream = this.#streams.get(key);
    if (stream) {
      stream.readers.add(reader);
      this.#hide(stream);
      return stream;
    }
    stream = new WireStream(key, query, options);
    stream.readers.add(reader);
    stream.hide(isHidden());
    this.#streams.set(key, stream);
    if (this.state === 'live') this.#subscribe(stream);
    else if (this.state === 'closed') queueMicrotask(() => stream.refused(closedByPage()));
    this.#link.wanted();
    return stream;
  }

  close(): void {
    this.#link.close();
    this.#failed(closedByPage());
  }

  #subs(): Record<string, unknown>[] {
    this.#byId.clear();
    this.#left.clear();
    return [...this.#streams.values()]
      .filter((stream) => !this.#later.has(stream))
      .map((stream) => this.#body(stream));
  }

  #body(stream: WireStream): Record<string, unknown> {
    const id = ++this.#ids;
    this.#byId.set(id, stream);
    return stream.body(id);
  }

  #subscribe(stream: WireStream): void {
    this.#link.send({ t: 'sub', ...this.#body(stream) });
    this.#hide(stream);
  }

  /** Who subscribed after `hello` was sent and before it was answered stands in neither of them. */
  #catchUp(): void {
    for (const stream of this.#streams.values())
      if (this.#later.has(stream)) continue;
      else if (this.#byId.get(stream.id) !== stream) this.#subscribe(stream);
      else this.#hide(stream); // the page may have been hidden or shown since
    this.#sendAsks();
  }

  #hide(stream: WireStream): void {
    stream.hide(isHidden());
    if (this.state === 'live' && this.#byId.get(stream.id) === stream)
      for (const message of stream.hiding()) this.#link.send(message);
  }

  #leave(stream: WireStream, reader: StreamReader): void {
    stream.readers.delete(reader);
    if (this.#streams.get(stream.key) !== stream) return;
    if (stream.readers.size > 0) return this.#hide(stream);
    this.#forget(stream);
    this.#unsubscribe(stream);
  }

  #forget(stream: WireStream): void {
    this.#streams.delete(stream.key);
    clearTimeout(this.#later.get(stream));
    this.#later.delete(stream);
  }

  #unsubscribe(stream: WireStream): void {
    this.#leftChannel(stream);
    if (this.#byId.delete(stream.id)) this.#link.send({ t: 'unsub', id: stream.id });
  }

  #message(message: ServerMessage): void {
    switch (message.t) {
      case 'subd':
        return this.#subscribed(message);
      case 'snap':
        return this.#frame(message.ch, (stream, shared) => stream.snapshot(message, shared));
      case 'u':
        return this.#frame(message.ch, (stream, shared) => stream.update(message, shared));
      case 'gap':
        return this.#frame(message.ch, (stream) => stream.gap());
      case 'range':
        this.#byId.get(message.id)?.history(message);
        return this.#asks.get(message.id)?.take(message);
      case 'meta':
        return this.#asks.get(message.id)?.take(message);
      case 'paused':
        this.#byId.get(message.id)?.gap();
        return;
      case 'err':
        return this.#refused(
          message.id,
          new WeirError(message.code, message.n, message.msg, message.retry),
        );
      case 'unsubd':
        if (message.code === undefined) return; // the answer to our own `unsub`
        return this.#refused(
          message.id,
          // Other rights, or a token that counts no more: asked for anew by the next one.
          new WeirError(message.code, 0, 'ended', message.code === 'auth.revoked'),
        );
    }
  }

  #subscribed(message: Subd): void {
    const stream = this.#byId.get(message.id);
    if (!stream) {
      this.#left.add(message.ch); // left before it was answered
      return;
    }
    this.#leftChannel(stream);
    if (stream.subscribed(message) === 'fault') this.#faulty(stream);
  }

  #leftChannel(stream: WireStream): void {
    if (this.#left.size >= LEFT_MAX) this.#left.clear();
    if (stream.bound) this.#left.add(stream.ch);
  }

  #frame(ch: number, take: (stream: WireStream, shared: boolean) => string): void {
    const streams = [...this.#streams.values()].filter((one) => one.bound && one.ch === ch);
    for (const stream of streams)
      if (take(stream, streams.length > 1) === 'fault') this.#faulty(stream);
    if (streams.length === 0 && !this.#left.has(ch)) this.faults++;
  }

  #faulty(stream: WireStream): void {
    this.faults++;
    this.#afresh(stream);
  }

  /** At once; a server that goes on being wrong is asked less and less often. */
  #afresh(stream: WireStream): void {
    this.#unsubscribe(stream);
    stream.forget();
    const retries = stream.retried(Date.now());
    if (retries === 0) return this.#subscribe(stream);
    const later = () => {
      this.#later.delete(stream);
      if (this.state === 'live') this.#subscribe(stream);
    };
    this.#later.set(stream, setTimeout(later, backoffMs(retries)));
  }

  #refused(id: number | undefined, error: WeirError): void {
    if (id !== undefined && this.#asks.has(id))
      return this.#failAsks(error, (ask) => ask.message.id === id);
    const stream = id === undefined ? undefined : this.#byId.get(id);
    if (!stream || (stream.bound && error.code.startsWith('proto.'))) {
      tell(this, 'error', error);
      return;
    }
    this.#byId.delete(stream.id);
    if (error.code === 'history.unavailable' && stream.options.history !== undefined) {
      const { history: _, ...options } = stream.options;
      stream.options = options; // without the past, then
      this.#subscribe(stream);
    } else if (error.retry) {
      this.#afresh(stream);
    } else {
      tell(this, 'error', error);
      this.#forget(stream);
      stream.refused(error);
    }
  }

  #lost(): void {
    this.#byId.clear();
    this.#failAsks(new WeirError('link.lost', 1006, 'lost', true), (ask) => ask.sent);
    for (const stream of this.#streams.values()) stream.lost();
  }

  #failed(error: WeirError): void {
    this.#failAsks(error);
    const streams = [...this.#streams.values()];
    for (const stream of streams) this.#forget(stream);
    this.#byId.clear();
    for (const stream of streams) stream.refused(error);
    if (error.number !== 1000) tell(this, 'error', error);
  }
}

const isHidden = () => globalThis.document?.hidden ?? false;
const closedByPage = () => new WeirError('link.closed', 1000, 'closed');

function ownUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/ws`;
}
