// FrameLoop: one requestAnimationFrame for the whole page. Whoever has news asks to be drawn; each is drawn once a frame,
// and less often than there are news while drawing is dear. With no news everything is drawn once a second, because the
// time axis goes on.

import { signal } from '@preact/signals';
import { Governor } from './governor.ts';

const IDLE_MS = 1000;

/** How often news are drawn at most; below 4 drawing is dear here, and the page says so. */
export const drawnHz = signal(4);

export class FrameLoop {
  #due = new Set<() => void>();
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
      this.#all.delete(draw);
      this.#due.delete(draw);
    };
  }

  soon(draw: () => void): void {
    this.#due.add(draw);
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
    const due = [...this.#due];
    this.#due.clear();
    const began = this.#now();
    for (const call of due) call();
    this.#governor.drew(began, this.#now() - began);
    drawnHz.value = this.#governor.hz;
  }
}

export const frames = new FrameLoop();
