// Link: one socket at a time, a WebSocket or else an EventSocket, and what to do when it ends: the state machine of the
// SDK. Each socket has a generation; events of older ones are ignored. Knows messages as objects, and nothing of tables.

import { afterClose, backoffMs } from './backoff.ts';
import { WeirError } from './errors.ts';
import { EventSocket } from './event-socket.ts';
import { parseMessage, type ServerMessage } from './messages.ts';
import type { State, Transport, WeirOptions } from './types.ts';

const CONNECT_MS = 10_000;
const SILENCE_MS = 25_000;
const LOOK_MS = 5_000;
const STEADY_MS = 30_000;
const SEEN_MS = 2_000;
const PING_MS = 10_000;
const ONLINE_MS = 1_000;
const FAILURES_MAX = 3;

/** What of a WebSocket is used. */
type Socket = Pick<EventSocket, 'send' | 'onopen' | 'onmessage' | 'onclose'> & {
  close(code?: number): void;
  onerror?: (() => void) | null;
};

export interface LinkOwner {
  /** Bodies of every `sub`, for `hello`. */
  subs(): Record<string, unknown>[];
  /** [channel, sequence] of what was read. */
  seen(): [number, number][];
  message(message: ServerMessage): void;
  /** What was no message, or had a wrong field. */
  malformed(data: unknown): void;
  state(state: State): void;
  lost(): void;
  /** The page may have been hidden or shown. */
  shown(): void;
  failed(error: WeirError): void;
}

export class Link {
  state: State = 'idle';
  /** Milliseconds, NaN before the first answer. */
  roundTrip = Number.NaN;
  transport: Transport = 'websocket';
  /** When the next attempt is due (Date.now()), while in backoff. */
  retryAt = 0;
  malformed = 0;
  /** When the server was last heard (Date.now()); 0 before. */
  heard = 0;
  /** The server's clock less ours, in ms. */
  clockOffset = 0;
  #socket: Socket | null = null;
  #generation = 0;
  #failures = 0;
  #unwelcomed = 0; // attempts that failed before a WebSocket was ever welcome
  #refreshed = false;
  #liveSince = 0;
  #seen = 0;
  #pinged = 0;
  #pings = 0;
  #after: [number, number] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #listening = new AbortController();

  readonly url: string;
  readonly options: WeirOptions;
  readonly owner: LinkOwner;

  constructor(url: string, options: WeirOptions, owner: LinkOwner) {
    this.url = url;
    this.options = options;
    this.owner = owner;
    for (const type of ['visibilitychange', 'pageshow', 'online', 'offline'])
      (type === 'visibilitychange' ? globalThis.document : globalThis.window)?.addEventListener(
        type,
        () => this.#page(type),
        this.#listening,
      );
  }

  /** The page's own hints that time has passed or the network changed; none where there is no page. */
  #page(type: string): void {
    if (type === 'offline') return this.#offline();
    if (type === 'online') this.#online();
    else this.#look();
    this.owner.shown();
  }

  /** Somebody subscribed: connect if nothing is under way. */
  wanted(): void {
    if (this.state === 'idle') this.#connect();
  }

  send(message: unknown): void {
    if (this.state === 'live') this.#socket?.send(JSON.stringify(message));
  }

  close(): void {
    this.#drop(1000);
    this.#listening.abort();
    this.#enter('closed');
  }

  async #connect(): Promise<void> {
    this.#drop();
    const generation = this.#generation;
    this.#enter('connecting');
    this.#after = null;
    this.#timer = setTimeout(() => this.#lost(generation), CONNECT_MS);
    try {
      const token = await this.options.getToken?.();
      if (generation !== this.#generation) return;
      const socket = this.#dial();
      this.#socket = socket;
      socket.onopen = () => generation === this.#generation && this.#opened(socket, token);
      socket.onmessage = (event) => generation === this.#generation && this.#received(event.data);
      socket.onclose = (event) => this.#lost(generation, event.code, event.reason);
      socket.onerror = () => {}; // its close tells; where nobody listens, npm's `ws` ends the process
    } catch (fault) {
      this.options.log?.('connect', fault);
      this.#lost(generation);
    }
  }

  /** A WebSocket; when none has ever been welcome, in turn with an event stream. What is welcome is kept. */
  #dial(): Socket {
    const { transports = ['websocket', 'sse'] } = this.options;
    const turn = this.#unwelcomed >= FAILURES_MAX && this.#unwelcomed % 2 === 1;
    const stream = transports.includes('sse') && (turn || !transports.includes('websocket'));
    this.transport = stream ? 'sse' : 'websocket';
    if (stream) return new EventSocket(this.url);
    return new (this.options.WebSocket ?? WebSocket)(this.url, 'weir.v1.json') as Socket;
  }

  #opened(socket: Socket, token: string | undefined): void {
    this.#enter('authenticating');
    socket.send(
      JSON.stringify({
        t: 'hello',
        v: 1,
        sdk: `weir-js/${__WEIR_VERSION__}`,
        token,
        subs: this.owner.subs(),
      }),
    );
  }

  #received(data: unknown): void {
    this.heard = Date.now();
    const message = parseMessage(data);
    if (!message) {
      this.malformed++;
      this.options.log?.('malformed', data);
      this.owner.malformed(data);
      return;
    }
    switch (message.t) {
      case 'welcome':
        this.clockOffset = message.now - this.heard;
        this.#welcomed();
        break;
      case 'hb':
        this.clockOffset = message.now - this.heard;
        break;
      case 'bye':
        this.#after = message.after;
        break;
      case 'expiring':
        void this.#renewToken();
        break;
      case 'pong':
        if (message.n === this.#pings) this.roundTrip = this.heard - this.#pinged;
        break;
    }
    this.owner.message(message);
    this.#acknowledge(message.t === 'hb' || message.t === 'paused');
  }

  /** Before it ends: in place, so that no frame is missed. Without another one the server ends the connection. */
  async #renewToken(): Promise<void> {
    const generation = this.#generation;
    try {
      const token = await this.options.getToken?.();
      if (token && generation === this.#generation) this.send({ t: 'auth', token });
    } catch (fault) {
      this.options.log?.('token', fault);
    }
  }

  #welcomed(): void {
    clearTimeout(this.#timer);
    this.#liveSince = Date.now();
    this.#pinged = 0;
    this.#refreshed = false;
    if (this.transport === 'websocket') this.#unwelcomed = -1e9; // never again
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    this.#enter('live');
  }

  /** From the message handler alone, never from a timer: it proves that the page runs. */
  #acknowledge(asked: boolean): void {
    if (this.state !== 'live') return;
    if (asked || this.heard - this.#seen >= SEEN_MS) {
      this.#seen = this.heard;
      this.send({ t: 'seen', a: this.owner.seen() });
    }
    if (this.heard - this.#pinged >= PING_MS) {
      this.#pinged = this.heard;
      this.send({ t: 'ping', n: ++this.#pings });
    }
    if (this.heard - this.#liveSince >= STEADY_MS) this.#failures = 0;
  }

  #look(): void {
    if (this.state === 'live' && Date.now() - this.heard > SILENCE_MS) this.#reconnect();
    else if (this.state === 'backoff' && Date.now() >= this.retryAt) this.#connect();
  }

  /** Silent for too long: the close event may never come, so it is not waited for. */
  #reconnect(): void {
    this.options.log?.('silent', Date.now() - this.heard);
    this.owner.lost();
    this.#connect();
  }

  /** The socket is gone, or given up without waiting for its close event. */
  #lost(generation: number, code = 1006, reason = ''): void {
    if (generation !== this.#generation || this.state === 'closed') return;
    const after = this.#after;
    if (this.#socket && this.state !== 'live') this.#unwelcomed++;
    this.#drop();
    this.owner.lost();
    const then = after ? 'retry' : afterClose(code);
    if (then === 'stop' || (then === 'token' && (this.#refreshed || !this.options.getToken))) {
      this.owner.failed(new WeirError('link.closed', code, `the server closed: ${code} ${reason}`));
      return this.close();
    }
    if (then === 'token') {
      this.#refreshed = true;
      this.#connect();
      return;
    }
    this.#retryIn(
      after
        ? after[0] + Math.random() * (after[1] - after[0])
        : backoffMs(this.#failures++, this.options.backoff),
    );
  }

  #retryIn(ms: number): void {
    if (this.#needsNetwork() && globalThis.navigator?.onLine === false) return this.#rest();
    clearTimeout(this.#timer);
    this.retryAt = Date.now() + ms;
    this.#timer = setTimeout(() => this.#connect(), ms);
    this.#enter('backoff');
  }

  #online(): void {
    if (this.state !== 'offline' && this.state !== 'backoff') return this.#look();
    this.#retryIn(Math.random() * ONLINE_MS);
  }

  /** No network: no attempts until there is one. An open socket may live on, and tells when it does not. */
  #offline(): void {
    if (this.state === 'backoff' && this.#needsNetwork()) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#enter('offline');
  }

  /** A gateway on this machine is there without any network. */
  #needsNetwork(): boolean {
    return !/\/\/(localhost|127\.|\[::1])/.test(this.url);
  }

  #drop(code?: number): void {
    this.#generation++;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close(code);
  }

  #enter(state: State): void {
    if (this.state === state) return;
    this.state = state;
    this.options.log?.('state', state);
    this.owner.state(state);
  }
}
