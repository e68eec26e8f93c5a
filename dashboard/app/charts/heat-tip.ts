// HeatTip: what stands over a heatmap: the crosshair's line, and what the pointer points at, in words. DOM, and only text in
// it. Hidden from screen readers: the chart's name tells them. Owned by one Heatmap.

import type { Unit } from '../units.ts';
import { LINES } from './heat-columns.ts';
import type { Spot } from './heatmap.ts';
import { valueText } from './ticks.ts';

const GAP = 12;

function made(tag: string, name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

/** 48.2 – 50.4 ms */
export function boundsText({ low, high }: { low: number; high: number }, unit: Unit): string {
  if (low === 0 && high === 0) return valueText(0, unit);
  const [from, to] = [valueText(low, unit), valueText(high, unit)];
  const [number, word] = from.split(' ');
  return word === to.split(' ')[1] ? `${number} – ${to}` : `${from} – ${to}`;
}

/** Counts are whole unless senders sampled. */
const countText = (count: number) => (Math.round(count * 10) / 10).toLocaleString('en');

function timeOf(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB');
}

export class HeatTip {
  readonly #line = made('div', 'heat-line');
  readonly #tip = made('div', 'heat-tip');
  readonly #time = made('span', '');
  readonly #band = made('b', '');
  readonly #count = made('span', '');
  readonly #lines = made('span', '');

  constructor(over: HTMLElement) {
    this.#tip.dataset.testid = 'heat-tip';
    for (const element of [this.#line, this.#tip]) {
      element.setAttribute('aria-hidden', 'true');
      element.hidden = true;
    }
    this.#tip.append(this.#time, this.#band, this.#count, this.#lines);
    over.append(this.#line, this.#tip);
  }

  /** `x` from the left of the plot; null: none. */
  line(x: number | null): void {
    this.#line.hidden = x === null;
    if (x !== null) this.#line.style.transform = `translateX(${Math.round(x)}px)`;
  }

  show(
    spot: Spot,
    unit: Unit,
    pointer: { x: number; y: number },
    plot: { width: number; height: number },
  ): void {
    this.#time.textContent = timeOf(spot.time);
    this.#band.textContent = boundsText(spot, unit);
    this.#count.textContent = spot.column
      ? `${countText(spot.count)} ${spot.count === 1 ? 'sample' : 'samples'}`
      : 'not known';
    const lines = LINES.flatMap((stat, at) => {
      const value = spot.column?.lines[at] ?? null;
      return value === null ? [] : [`${stat} ${valueText(value, unit)}`];
    });
    this.#lines.textContent = lines.join(' · ');
    Object.assign(this.#tip.dataset, { low: spot.low, high: spot.high, count: spot.count });
    this.#tip.hidden = false;
    const { offsetWidth, offsetHeight } = this.#tip;
    const right = pointer.x + GAP + offsetWidth <= plot.width;
    const x = right ? pointer.x + GAP : Math.max(0, pointer.x - GAP - offsetWidth);
    const y = Math.min(Math.max(pointer.y - offsetHeight / 2, 0), plot.height - offsetHeight);
    this.#tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  hide(): void {
    this.#tip.hidden = true;
  }
}
