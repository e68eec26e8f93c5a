import { expect, it } from 'vitest';
import { strokes } from './colours.ts';

it('a colour belongs to the value: the order of the names changes nothing', () => {
  const forward = strokes(['checkout', 'search', 'cart'], 'dark');
  const backward = strokes(['cart', 'search', 'checkout'], 'dark');
  expect([...forward].sort()).toEqual([...backward].sort());
});

it('up to eight lines of one chart have eight colours, in both themes', () => {
  const names = ['user', 'system', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'idle'];
  for (const theme of ['dark', 'light'] as const) {
    const colours = [...strokes(names, theme).values()].map(({ colour }) => colour);
    expect(new Set(colours).size).toBe(8);
  }
});

it('more lines than colours still have one each', () => {
  const names = Array.from({ length: 30 }, (_, at) => `host-${at}`);
  expect(strokes(names, 'light').size).toBe(30);
});
