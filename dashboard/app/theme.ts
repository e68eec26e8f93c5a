// Dark, light, or as the system says. Kept in this browser; public/theme.js applies it before the first paint.

import { signal } from '@preact/signals';
import type { Theme } from './colours.ts';

export type Choice = 'auto' | Theme;
const KEY = 'weir.theme';
const system = matchMedia('(prefers-color-scheme: light)');

function kept(): Choice {
  const { choice } = document.documentElement.dataset;
  return choice === 'dark' || choice === 'light' ? choice : 'auto';
}

const resolve = (choice: Choice): Theme =>
  choice === 'auto' ? (system.matches ? 'light' : 'dark') : choice;

export const choice = signal<Choice>(kept());
export const theme = signal<Theme>(resolve(choice.value));

function apply(): void {
  theme.value = resolve(choice.value);
  document.documentElement.dataset.theme = theme.value;
}
system.addEventListener('change', apply);

export function choose(next: Choice): void {
  choice.value = next;
  apply();
  try {
    if (next === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // storage is forbidden: the choice holds until the page is left
  }
}

const NEXT: Record<Choice, Choice> = { auto: 'dark', dark: 'light', light: 'auto' };
export const chooseNext = () => choose(NEXT[choice.value]);
