// Ask: a question on the wire, `range` or `meta`: its answers, one after another, until it fails or nobody waits.

import type { Meta, Range } from './types.ts';

export type Answer = Range | Meta;

export class Ask {
  sent = false;
  readonly message: Record<string, unknown>;
  #answers: Answer[] = [];
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(message: Record<string, unknown>) {
    this.message = message;
  }

  take(answer: Answer): void {
    this.#answers.push(answer);
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wake?.();
  }

  async next(): Promise<Answer> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer) return answer;
      if (this.#error) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
