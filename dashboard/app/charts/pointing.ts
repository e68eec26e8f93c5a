// Pointing: what lies over a line chart for the pointer: the crosshair at the moment that all charts point at, a dot on each
// line, and the part that is dragged over to be looked at alone. DOM over the canvas; what it means is told by the legend.
// Owned by one LineChart.

import type uPlot from 'uplot';
import { clockOf } from '../events.ts';
import { lookAt } from '../zoom.ts';
import { crosshair } from './crosshair.ts';
import './pointing.css';

/** A drag of fewer pixels is a click. */
const DRAG_MIN = 6;
const ROOM = 64;

function made(name: string): HTMLElement {
  const element = document.createElement('div');
  element.className = name;
  element.hidden = true;
  return element;
}

/** The place of the newest point at or before `ms`, or -1. Times in seconds. */
export function placeAt(times: readonly number[], ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) * 1000 <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Pointing {
  readonly #layer = document.createElement('div');
  readonly #line = made('cross');
  readonly #clock = document.createElement('span');
  readonly #selection = made('selection');
  #dots: HTMLElement[] = [];
  #plot: uPlot | null = null;
  #began: number | null = null;

  constructor() {
    this.#layer.className = 'pointing';
    this.#layer.setAttribute('aria-hidden', 'true');
    this.#line.dataset.testid = 'crosshair';
    this.#line.append(this.#clock);
    this.#layer.append(this.#selection, this.#line);
  }

  /** Over this plot from now on. */
  join(plot: uPlot): void {
    this.#plot = plot;
    const { over } = plot;
    over.append(this.#layer);
    over.addEventListener('pointermove', (event) => this.#move(event));
    over.addEventListener('pointerleave', () => {
      if (this.#began === null) crosshair.value = null;
    });
    over.addEventListener('pointerdown', (event) => this.#press(event));
    over.addEventListener('pointerup', (event) => this.#release(event));
    over.addEventListener('pointercancel', () => this.#end());
  }

  draw(plot: uPlot, times: readonly number[], lines: readonly (readonly (number | null)[])[]) {
    const at = crosshair.peek();
    const { min = 0, max = 0 } = plot.scales.x ?? {};
    const inside = at !== null && at / 1000 >= (min ?? 0) && at / 1000 <= (max ?? 0);
    this.#line.hidden = !inside;
    const place = inside ? placeAt(times, at) : -1;
    this.#drawDots(plot, times[place] ?? 0, place < 0 ? [] : lines.map((line) => line[place]));
    if (!inside) return;
    const x = Math.round(plot.valToPos(at / 1000, 'x'));
    this.#line.style.transform = `translateX(${x}px)`;
    this.#line.dataset.at = String(Math.round(at));
    this.#clock.textContent = clockOf(at, Date.now());
    this.#clock.classList.toggle('leftwards', x + ROOM > plot.over.clientWidth);
  }

  #drawDots(plot: uPlot, time: number, values: readonly (number | null | undefined)[]): void {
    while (this.#dots.length < values.length) {
      const dot = made('dot');
      this.#dots.push(dot);
      this.#layer.append(dot);
    }
    this.#dots.forEach((dot, at) => {
      const value = values[at] ?? null;
      dot.hidden = value === null;
      if (value === null) return;
      const stroke = plot.series[at + 1]?.stroke;
      dot.style.background = String(typeof stroke === 'function' ? stroke(plot, at + 1) : stroke);
      const [x, y] = [plot.valToPos(time, 'x'), plot.valToPos(value, 'y')];
      dot.style.transform = `translate(${x}px, ${y}px)`;
    });
  }

  #timeAt(event: PointerEvent): number {
    const plot = this.#plot as uPlot;
    const box = plot.over.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left, 0), box.width);
    return plot.posToVal(x, 'x') * 1000;
  }

  #move(event: PointerEvent): void {
    const time = this.#timeAt(event);
    crosshair.value = time;
    if (this.#began === null || !this.#plot) return;
    const at = (ms: number) => (this.#plot as uPlot).valToPos(ms / 1000, 'x');
    const [from, to] = [at(Math.min(time, this.#began)), at(Math.max(time, this.#began))];
    this.#selection.hidden = to - from < DRAG_MIN;
    this.#selection.style.transform = `translateX(${from}px)`;
    this.#selection.style.width = `${to - from}px`;
  }

  #press(event: PointerEvent): void {
    // By touch a drag scrolls the page.
    if (event.button !== 0 || event.pointerType === 'touch') return;
    this.#plot?.over.setPointerCapture(event.pointerId);
    this.#began = this.#timeAt(event);
  }

  #release(event: PointerEvent): void {
    if (this.#began === null) return;
    const ends: [number, number] = [this.#began, this.#timeAt(event)];
    const dragged = !this.#selection.hidden;
    this.#end();
    if (dragged) lookAt(Math.min(...ends), Math.max(...ends));
  }

  #end(): void {
    this.#began = null;
    this.#selection.hidden = true;
  }
}
