// EventSocket: what Link needs of a WebSocket, over Server-Sent Events (/v1/stream), for networks that let no WebSocket
// through. All subscriptions are an answer that does not end, or a few; another set of them is another answer, which goes
// on where the last one stood. `seen`, `ping` and `auth` have no meaning here; questions go to the HTTP API.

type Said = Record<string, unknown>;
interface Body extends Said {
  id?: unknown;
  pause?: boolean;
}

/** Of the subscriptions of one answer: they stand in its address, which may have 8 KB. */
const ADDRESS_MAX = 7_000;

export class EventSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  /** Without a code: the answer ended or never came. */
  onclose: ((event: { code?: number | undefined; reason?: string }) => void) | null = null;
  #base: string;
  #headers: Record<string, string> = {};
  #subs = new Map<unknown, Body>();
  #answer: AbortController | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #welcome = (): void => {
    this.#say({ t: 'welcome' });
    this.#welcome = () => {}; // once
  };

  /** `url`: that of the WebSocket, `ws://host:port/v1/ws`. */
  constructor(url: string) {
    this.#base = url.replace(/^ws/, 'http').replace(/[^/]*$/, '');
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    const said = JSON.parse(text);
    switch (said.t) {
      case 'hello':
        if (said.token) this.#headers = { Authorization: `Bearer ${said.token}` };
        for (const sub of said.subs) this.#subs.set(sub.id, sub);
        break;
      case 'sub':
        this.#subs.set(said.id, said);
        break;
      case 'mod':
        Object.assign(this.#subs.get(said.id) ?? {}, said);
        break;
      case 'unsub':
        if (!this.#subs.delete(said.id)) return;
        break;
      case 'range':
      case 'meta':
        void this.#ask(said);
        return;
      default:
        return;
    }
    clearTimeout(this.#soon); // what is said in one turn is asked at once
    this.#soon = setTimeout(() => this.#open());
  }

  close(): void {
    clearTimeout(this.#soon);
    this.#answer?.abort();
  }

  #open(): void {
    this.#answer?.abort();
    this.#answer = new AbortController();
    const { signal } = this.#answer;
    const asked = [...this.#subs.values()].filter((sub) => !sub.pause);
    if (!asked.length) {
      this.#welcome();
      this.#say({ t: 'hb' }); // nothing is open that could
      this.#soon = setTimeout(() => this.#open(), 10_000);
    }
    const parts: Body[][] = [];
    let room = 0;
    for (const body of asked) {
      const bytes = encodeURIComponent(JSON.stringify(body)).length;
      if (room < bytes) {
        parts.push([]);
        room = ADDRESS_MAX;
      }
      room -= bytes;
      parts.at(-1)?.push(body);
    }
    for (const part of parts) void this.#read(part, signal);
  }

  async #read(asked: Body[], signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.#get(
        `stream?subs=${encodeURIComponent(JSON.stringify(asked))}`,
        signal,
      );
      if (!answer.ok) return await this.#refused(answer, asked);
      this.#welcome();
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done || signal.aborted) break;
        const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
        rest = events.pop() as string;
        for (const event of events) this.#event(event, asked);
      }
    } catch {} // as a socket that breaks
    if (!signal.aborted) this.onclose?.({});
  }

  #event(event: string, asked: Body[]): void {
    for (const line of event.split('\n')) {
      const [field, data] = line.split(/: (.*)/s) as [string, string];
      if (field === 'id') remember(data, asked);
      if (field !== 'data') continue;
      if (/^{"t":"(err|unsubd)"/.test(data)) this.#subs.delete(JSON.parse(data).id);
      this.onmessage?.({ data });
    }
  }

  /** 400: every subscription is refused, and the connection as such is fine. */
  async #refused(answer: Response, asked: Body[]): Promise<void> {
    const { error } = await answer.json().catch(() => ({}));
    if (answer.status !== 400 || !error) {
      // 1001 on: auth.required, invalid_token, expired, forbidden
      return this.onclose?.({ code: [4001, 4002, 4105, 4003][error?.n - 1001] });
    }
    this.#welcome();
    for (const { id } of asked) {
      this.#subs.delete(id);
      this.#say({ t: 'err', id, ...error });
    }
  }

  /** `range` and `meta`, page by page. */
  async #ask({ t, id, what, q, ...words }: Record<string, string>): Promise<void> {
    const isRange = t === 'range';
    if (isRange) words.q = JSON.stringify(q);
    else words.metric = words.match ?? ''; // as the list of tags calls it
    try {
      do {
        const path = isRange ? 'query_range' : what;
        const answer = await this.#get(`../api/v1/${path}?${new URLSearchParams(words)}`);
        const said = await answer.json();
        this.#say(answer.ok ? { ...said, t, id } : { t: 'err', id, ...said.error });
        words.cursor = said.next;
      } while (isRange && words.cursor);
    } catch {
      this.onclose?.({});
    }
  }

  #get(path: string, signal: AbortSignal | null = null): Promise<Response> {
    return fetch(this.#base + path, { headers: this.#headers, signal });
  }

  #say(message: Said): void {
    this.onmessage?.({ data: JSON.stringify({ now: Date.now(), ...message }) });
  }
}

/** `epoch;ch.s,ch.s`, in the order of what was asked; 0.0 has no state yet. From there the next answer goes on. */
function remember(text: string, asked: Body[]): void {
  const [epoch, places] = text.split(';') as [string, string];
  places.split(',').forEach((place, at) => {
    const [ch, s] = place.split('.').map(Number);
    const body = asked[at];
    if (!body || !ch) return;
    body.from = { epoch, ch, s };
    delete body.history; // it is there
  });
}
