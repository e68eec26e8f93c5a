// Governor: how often the page draws what comes. While drawing takes longer than its budget it goes from 4 to 2 to 1 Hz,
// never further, and comes back step by step when drawing has been cheap for a while. Pure: the caller has the clock.

/** A drawing that takes longer leaves too little of a frame to others. */
export const BUDGET_MS = 12;
/** Below this there is room for more. */
const CHEAP_MS = 9;
const SECOND_MS = 1000;
/** So many seconds one after the other each had a drawing over the budget: one pause of the browser is none of ours. */
const DEAR_SECONDS = 2;
const CHEAP_SECONDS = 5;
/** From the beginning of one drawing to that of the next; at 4 Hz, which is how often news come, there is nothing to hold. */
const STEPS = [
  { hz: 4, everyMs: 0 },
  { hz: 2, everyMs: 500 },
  { hz: 1, everyMs: 1000 },
] as const;
const SLOWEST = STEPS.length - 1;

export class Governor {
  #step = 0;
  #last = Number.NEGATIVE_INFINITY;
  #second = Number.NEGATIVE_INFINITY;
  /** The longest drawing of this second. */
  #longest = 0;
  #dear = 0;
  #cheap = 0;

  get hz(): number {
    return this.#now.hz;
  }

  /** How long from `now` on the next drawing has to wait. */
  wait(now: number): number {
    return Math.max(0, this.#last + this.#now.everyMs - now);
  }

  /** A drawing began at `began` and took so long. */
  drew(began: number, tookMs: number): void {
    this.#last = began;
    if (began - this.#second >= SECOND_MS) {
      if (this.#second > Number.NEGATIVE_INFINITY) this.#judge();
      this.#second = began;
      this.#longest = 0;
    }
    this.#longest = Math.max(this.#longest, tookMs);
  }

  /** At the end of each second in which something was drawn. */
  #judge(): void {
    this.#dear = this.#longest > BUDGET_MS ? this.#dear + 1 : 0;
    this.#cheap = this.#longest < CHEAP_MS ? this.#cheap + 1 : 0;
    if (this.#dear >= DEAR_SECONDS) this.#go(Math.min(this.#step + 1, SLOWEST));
    else if (this.#cheap >= CHEAP_SECONDS) this.#go(Math.max(this.#step - 1, 0));
  }

  #go(step: number): void {
    this.#step = step;
    this.#dear = 0;
    this.#cheap = 0;
  }

  get #now(): (typeof STEPS)[number] {
    return STEPS[this.#step] as (typeof STEPS)[number];
  }
}
