// FrameLoop: one requestAnimationFrame for the whole page. Whoever has news asks to be drawn; each is drawn once a round,
// and less often than there are news while drawing is dear. A round that is longer than a frame can bear goes on in the
// next ones. With no news everything is drawn once a second, because the time axis goes on.

import { signal } from '@preact/signals';
import { BUDGET_MS, Governor } from './governor.ts';

const IDLE_MS = 1000;

/** How often news are drawn at most; below 4 drawing is dear here, and the page says so. */
export const drawnHz = signal(4);

export class FrameLoop {
  #due = new Set<() => void>();
  /** Of the round that is being drawn. */
  #left = new Set<() => void>();
  #began = 0;
  #tookMs = 0;
  #all = new Set<() => void>();
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #governor = new Governor();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    setInterval(() => {
      if (!document.hidden) for (const draw of this.#all) this.soon(draw);
    }, IDLE_MS);
  }

  /** A person changed something that every drawing shows: he does not wait for it. */
  all(): void {
    for (const draw of this.#all) this.#due.add(draw);
    this.#request();
  }

  /** Returns how to stop. */
  join(draw: () => void): () => void {
    this.#all.add(draw);
    this.soon(draw);
    return () => {
      for (const set of [this.#all, this.#due, this.#left]) set.delete(draw);
    };
  }

  soon(draw: () => void): void {
    this.#due.add(draw);
    this.#wait();
  }

  #wait(): void {
    if (this.#frame || this.#timer !== undefined) return;
    const wait = this.#governor.wait(this.#now());
    if (wait === 0) this.#request();
    else this.#timer = setTimeout(() => this.#request(), wait);
  }

  #request(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const now = this.#now();
    if (this.#left.size === 0) {
      [this.#left, this.#due] = [this.#due, this.#left];
      this.#began = now;
      this.#tookMs = 0;
    }
    for (const draw of this.#left) {
      this.#left.delete(draw);
      draw();
      if (this.#now() - now >= BUDGET_MS) break;
    }
    this.#tookMs += this.#now() - now;
    if (this.#left.size > 0) return this.#request();
    this.#governor.drew(this.#began, this.#tookMs);
    drawnHz.value = this.#governor.hz;
    if (this.#due.size > 0) this.#wait();
  }
}

export const frames = new FrameLoop();
