// Say: one short sentence for everybody: shown for a while, and read aloud. `aloud` is for those who hear the page alone.

import { signal } from '@preact/signals';

const SHOWN_MS = 3000;

export const said = signal('');
export const aloud = signal('');
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  said.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    said.value = '';
  }, SHOWN_MS);
}
