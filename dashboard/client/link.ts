// Link: one WebSocket at a time, and what to do when it ends: the state machine of the SDK. Each socket has a
// generation; events of older ones are ignored. Knows messages as objects, and nothing of tables.

import { afterClose, backoffMs } from './backoff.ts';
import { WeirError } from './errors.ts';
import { parseMessage, type ServerMessage } from './messages.ts';
import type { State, WeirOptions } from './types.ts';

const CONNECT_MS = 10_000;
const SILENCE_MS = 25_000;
const LOOK_MS = 5_000;
const STEADY_MS = 30_000;
const SEEN_MS = 2_000;
const PING_MS = 10_000;
const ONLINE_MS = 1_000;

export interface LinkOwner {
  /** Bodies of every `sub`, for `hello`. */
  subs(): Record<string, unknown>[];
  /** [channel, sequence] of what was read. */
  seen(): [number, number][];
  message(message: ServerMessage): void;
  state(state: State): void;
  lost(): void;
  failed(error: WeirError): void;
}

export class Link {
  state: State = 'idle';
  /** Milliseconds, NaN before the first answer. */
  roundTrip = Number.NaN;
  /** When the next attempt is due (Date.now()), while in backoff. */
  retryAt = 0;
  malformed = 0;
  /** When the server was last heard (Date.now()); 0 before. */
  heard = 0;
  /** The server's clock less ours, in ms. */
  clockOffset = 0;
  #socket: WebSocket | null = null;
  #generation = 0;
  #failures = 0;
  #refreshed = false;
  #liveSince = 0;
  #seen = 0;
  #pinged = 0;
  #pings = 0;
  #after: [number, number] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #unlisten: () => void;

  readonly url: string;
  readonly options: WeirOptions;
  readonly owner: LinkOwner;

  constructor(url: string, options: WeirOptions, owner: LinkOwner) {
    this.url = url;
    this.options = options;
    this.owner = owner;
    this.#unlisten = listenToPage({
      look: () => this.#look(),
      online: () => this.#online(),
      offline: () => this.#offline(),
    });
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
    this.#unlisten();
    this.#enter('closed');
  }

  async #connect(): Promise<void> {
    this.#drop();
    const generation = this.#generation;
    this.#enter('connecting');
    this.#after = null;
    this.#timer = setTimeout(() => this.#lost(generation, 1006), CONNECT_MS);
    let token: string | undefined;
    try {
      token = await this.options.getToken?.();
    } catch (fault) {
      this.options.log?.('token', fault);
      return this.#lost(generation, 1006);
    }
    if (generation !== this.#generation) return;
    try {
      const socket = new (this.options.WebSocket ?? WebSocket)(this.url, 'weir.v1.json');
      this.#socket = socket;
      socket.onopen = () => generation === this.#generation && this.#opened(socket, token);
      socket.onmessage = (event) => generation === this.#generation && this.#received(event.data);
      socket.onclose = (event) => this.#lost(generation, event.code);
    } catch (fault) {
      this.options.log?.('connect', fault);
      this.#lost(generation, 1006);
    }
  }

  #opened(socket: WebSocket, token: string | undefined): void {
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
  #lost(generation: number, code: number): void {
    if (generation !== this.#generation || this.state === 'closed') return;
    const after = this.#after;
    this.#drop();
    this.owner.lost();
    const then = after ? 'retry' : afterClose(code);
    if (then === 'stop' || (then === 'token' && (this.#refreshed || !this.options.getToken))) {
      this.owner.failed(
        new WeirError('link.closed', code, `the server closed the connection for good (${code})`),
      );
      return this.close();
    }
    if (then === 'token') {
      this.#refreshed = true;
      this.#connect();
      return;
    }
    this.#retryIn(after ? after[0] + Math.random() * (after[1] - after[0]) : this.#backoff());
  }

  #backoff(): number {
    const { baseMs = 500, maxMs = 30_000 } = this.options.backoff ?? {};
    return backoffMs(this.#failures++, { baseMs, maxMs, random: Math.random });
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
    return !/^wss?:\/\/(localhost|127\.|\[::1\])/.test(this.url);
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

/** The page's own hints that time has passed or the network changed; nothing where there is no page. */
function listenToPage(on: {
  look: () => void;
  online: () => void;
  offline: () => void;
}): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
  const events: [EventTarget, string, () => void][] = [
    [document, 'visibilitychange', on.look],
    [window, 'pageshow', on.look],
    [window, 'online', on.online],
    [window, 'offline', on.offline],
  ];
  for (const [target, type, call] of events) target.addEventListener(type, call);
  return () => {
    for (const [target, type, call] of events) target.removeEventListener(type, call);
  };
}
