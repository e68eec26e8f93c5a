// FakeServer: the far end of the SDK in tests: sockets that a test opens, talks through and closes by hand.

export type Said = Record<string, unknown>;

export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;
  readonly said: Said[] = [];
  isClosed = false;

  constructor(url: string) {
    this.url = url;
  }
  send(text: string): void {
    this.said.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly WebSocket: new (
    url: string,
  ) => WebSocket;

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    } as unknown as new (
      url: string,
    ) => WebSocket;
  }

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('nobody connected');
    return last;
  }
  /** What the client said of one type on this connection, oldest first. */
  heard(type: string): Said[] {
    return this.socket.said.filter(({ t }) => t === type);
  }
  /** Every `sub` of this connection, those in `hello` too. */
  subs(): Said[] {
    return [...((this.heard('hello')[0]?.subs as Said[]) ?? []), ...this.heard('sub')];
  }
  say(...messages: (object | string)[]): void {
    for (const message of messages) {
      const data = typeof message === 'string' ? message : JSON.stringify(message);
      this.socket.onmessage?.({ data });
    }
  }
  open(): void {
    this.socket.onopen?.();
  }
  welcome(epoch = 'E1'): void {
    this.open();
    this.say({ t: 'welcome', v: 1, epoch, session: 'x', now: Date.now(), rates: [1000] });
  }
  close(code: number, reason = ''): void {
    this.socket.onclose?.({ code, reason });
  }
}

export const subd = (id: unknown, more: Said = {}): Said => ({
  t: 'subd',
  id,
  ch: 17,
  epoch: 'E1',
  mode: 'snapshot',
  why: 'new',
  rate: 1000,
  window: 10_000,
  slide: 1000,
  fields: ['count', 'p99'],
  by: ['route'],
  ...more,
});

export const snap = (s: number, more: Said = {}): Said => ({
  t: 'snap',
  ch: 17,
  s,
  w: [0, 10_000],
  n: 2,
  k: [['/a'], ['/b']],
  c: [
    [1, 2],
    [1.5, 2.5],
  ],
  ...more,
});

export const u = (s: number, more: Said = {}): Said => ({
  t: 'u',
  ch: 17,
  s,
  w: [1000, 11_000],
  n: 2,
  i: [],
  c: [[], []],
  ...more,
});

export const err = (id: unknown, more: object = {}) => ({
  t: 'err',
  id,
  code: 'query.unknown_stat',
  n: 2004,
  msg: 'stats[0]: p101',
  retry: false,
  ...more,
});
