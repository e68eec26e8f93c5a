// FrameLoop: one requestAnimationFrame for the whole page. Whoever has news asks to be drawn; each is drawn once a frame.
// With no news everything is drawn once a second, because the time axis goes on.

const IDLE_MS = 1000;

export class FrameLoop {
  #due = new Set<() => void>();
  #all = new Set<() => void>();
  #frame = 0;

  constructor() {
    setInterval(() => {
      if (!document.hidden) this.all();
    }, IDLE_MS);
  }

  /** Something that every drawing shows has changed. */
  all(): void {
    for (const draw of this.#all) this.soon(draw);
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
    if (!this.#frame)
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        const due = [...this.#due];
        this.#due.clear();
        for (const call of due) call();
      });
  }
}

export const frames = new FrameLoop();
