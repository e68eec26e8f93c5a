// <weir-chart>: lines over time by group, on a canvas. Attributes say what is asked, custom properties how it looks:
//
//   <weir-chart metric="http.latency" by="route" stat="p99" span="5m" where='[["env","=","prod"]]'></weir-chart>
//   weir-chart { height: 12rem; --weir-chart-1: rebeccapurple; --weir-chart-text: gray; --weir-chart-grid: silver }
//
// All elements of one `src` share a connection. It writes text and pixels, never markup, and its style sheet is made by
// script, which a page's own rules go before (`hidden`, `display: grid`), so it works
// under a strict Content-Security-Policy with Trusted Types. Its name for screen readers is made of its data.

import { type Duration, type Query, type Stat, type Subscription, toMs, Weir } from 'weir-client';
import { Lines } from './lines.ts';
import { paint } from './paint.ts';

const ASKED = ['metric', 'by', 'stat', 'where', 'window', 'rate', 'span', 'src'];
const NAME_MS = 5_000; // a name that changes more often is noise to who listens
const SPAN = '5m';

const LOOKS = new CSSStyleSheet();
LOOKS.replaceSync(':host { display: block } :host([hidden]) { display: none }');

const connections = new Map<string, Weir>();

/** The one connection of all charts to `src`; a page may set its own, with a token, before the first chart of it. */
export function connectionTo(src: string, own?: Weir): Weir {
  const weir = own ?? connections.get(src) ?? (src ? new Weir(src) : new Weir());
  connections.set(src, weir);
  return weir;
}

export class WeirChart extends HTMLElement {
  static readonly observedAttributes = [...ASKED, 'label', 'lines'];
  #canvas = document.createElement('canvas');
  #lines = new Lines();
  #subscription: Subscription | null = null;
  #fault = '';
  #named = 0;
  #frame = 0;
  #asking = false;
  #clock: ReturnType<typeof setInterval> | undefined;
  #size = new ResizeObserver(() => this.#draw());

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.append(this.#canvas);
    root.adoptedStyleSheets = [LOOKS];
    Object.assign(this.#canvas.style, { display: 'block', width: '100%', height: '100%' });
  }

  connectedCallback(): void {
    this.setAttribute('role', 'img');
    this.#size.observe(this);
    this.#clock = setInterval(() => this.#draw(), 1_000); // time goes on where no data comes
    this.#ask();
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
    clearInterval(this.#clock);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#subscription?.close();
    this.#subscription = null;
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (ASKED.includes(name)) this.#ask();
    else this.#draw();
  }

  /** What is shown: `loading`, `live`, `stale`, or `closed` with the reason in `fault`. */
  get state(): 'loading' | 'live' | 'stale' | 'closed' {
    if (this.#fault) return 'closed';
    const state = this.#subscription?.state ?? 'pending';
    return state === 'pending' ? 'loading' : state;
  }
  /** Why nothing is shown, or ''. */
  get fault(): string {
    return this.#fault;
  }

  /** Attributes that are set one after another are one question. */
  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    queueMicrotask(() => {
      this.#asking = false;
      if (this.isConnected) this.#subscribe();
    });
  }

  #subscribe(): void {
    this.#subscription?.close();
    this.#subscription = null;
    this.#fault = '';
    this.#named = 0;
    const stat = this.#stat;
    try {
      const span = this.#span;
      this.#lines = new Lines(span, stat);
      const lines = this.#lines;
      const subscription = connectionTo(this.getAttribute('src') ?? '').subscribe(
        this.#query(stat),
        {
          history: span,
          ...(this.hasAttribute('rate') && { rate: this.getAttribute('rate') as Duration }),
        },
      );
      this.#subscription = subscription;
      subscription.on('update', (update) => {
        lines.take(update);
        this.#draw();
      });
      subscription.on('state', () => this.#draw());
      subscription.on('error', (error) => {
        this.#fault = error.message || error.code;
      });
    } catch (fault) {
      this.#fault = (fault as Error).message;
    }
    this.#draw();
  }

  #query(stat: Stat): Query {
    const metric = this.getAttribute('metric');
    if (!metric) throw new RangeError('<weir-chart> needs a metric');
    const where = this.getAttribute('where');
    const window = this.getAttribute('window');
    return {
      metric,
      stats: [stat],
      by: (this.getAttribute('by') ?? '').split(/[\s,]+/).filter(Boolean),
      ...(where && { where: JSON.parse(where) }),
      ...(window && { window: window as Duration }),
    };
  }

  get #stat(): Stat {
    return (this.getAttribute('stat') || 'mean') as Stat;
  }
  get #span(): number {
    return toMs((this.getAttribute('span') || SPAN) as Duration);
  }

  #draw(): void {
    if (!this.isConnected || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const now = connectionTo(this.getAttribute('src') ?? '').now();
      const state = this.state;
      const note = this.#fault || (this.#lines.size ? '' : state === 'live' ? 'no data' : state);
      paint(this.#canvas, this.#lines.view(now, Number(this.getAttribute('lines')) || 8), {
        style: getComputedStyle(this),
        dim: state !== 'live',
        note,
      });
      this.#name(note, now);
    });
  }

  /** What the chart shows, in words; said anew at most every 5 s. */
  #name(note: string, now: number): void {
    if (!note && now - this.#named < NAME_MS) return;
    this.#named = note ? 0 : now;
    const what = this.getAttribute('label') || `${this.getAttribute('metric')} ${this.#stat}`;
    const stale = this.state === 'stale' ? ', old: reconnecting' : '';
    const name = `${what}: ${note || this.#lines.words(now)}${stale}`;
    if (this.getAttribute('aria-label') !== name) this.setAttribute('aria-label', name);
  }
}

if (!customElements.get('weir-chart')) customElements.define('weir-chart', WeirChart);

declare global {
  interface HTMLElementTagNameMap {
    'weir-chart': WeirChart;
  }
}
