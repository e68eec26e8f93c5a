// Crosshair: the moment that all charts point at, in ms since the epoch; and the part of time that is being dragged over.

import { effect, signal } from '@preact/signals';
import { frames } from './frame-loop.ts';

export const crosshair = signal<number | null>(null);

effect(() => {
  void crosshair.value;
  frames.all();
});
