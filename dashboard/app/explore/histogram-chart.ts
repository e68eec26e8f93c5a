// HistogramChart: the bars of a distribution on a canvas, lowest values left. Knows no framework; draws only what changed.

import { pixelOf } from '../charts/ramp.ts';
import { valueText } from '../charts/ticks.ts';
import type { Theme } from '../colours.ts';
import type { Unit } from '../units.ts';
import type { Bar } from './histogram.ts';

const ROOM = { left: 8, right: 8, top: 10, bottom: 22 };
const LABEL_WIDTH = 84; // two at an edge, where one stands beside its mark, not over it

export class HistogramChart {
  readonly host: HTMLElement;
  readonly #canvas = document.createElement('canvas');
  #painted = '';

  constructor(host: HTMLElement) {
    this.host = host;
    host.append(this.#canvas);
  }

  draw(bars: readonly Bar[], unit: Unit, theme: Theme): void {
    const [width, height] = [this.host.clientWidth, this.host.clientHeight];
    const made = JSON.stringify([bars, unit, theme, width, height, devicePixelRatio]);
    if (made === this.#painted || width === 0) return;
    this.#painted = made;
    const canvas = this.#canvas;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = canvas.getContext('2d');
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    const colours = getComputedStyle(this.host);
    const token = (name: string) => colours.getPropertyValue(name).trim();
    paint(context, bars, { unit, theme, token, width, height });
  }
}

interface Look {
  unit: Unit;
  theme: Theme;
  token: (name: string) => string;
  width: number;
  height: number;
}

function paint(context: CanvasRenderingContext2D, bars: readonly Bar[], look: Look): void {
  const { width, height, token, theme, unit } = look;
  const plot = {
    width: width - ROOM.left - ROOM.right,
    height: height - ROOM.top - ROOM.bottom,
  };
  const base = ROOM.top + plot.height;
  const most = Math.max(...bars.map(({ count }) => count), 0);
  const step = plot.width / Math.max(bars.length, 1);
  bars.forEach(({ count }, at) => {
    if (count <= 0) return;
    const size = Math.max(1, (count / most) * plot.height);
    context.fillStyle = colourOf(count, most, theme);
    context.fillRect(ROOM.left + at * step, base - size, Math.max(1, step - 1), size);
  });
  context.strokeStyle = token('--strong');
  context.beginPath();
  context.moveTo(ROOM.left, base + 0.5);
  context.lineTo(width - ROOM.right, base + 0.5);
  context.stroke();
  context.font = '11px Inter, system-ui, sans-serif';
  context.fillStyle = token('--text-3');
  context.textBaseline = 'top';
  label(context, bars, { plot, base, unit, step });
}

interface Axis {
  plot: { width: number };
  base: number;
  unit: Unit;
  step: number;
}

/** The edges of bars, as many as there is room for. */
function label(
  context: CanvasRenderingContext2D,
  bars: readonly Bar[],
  { plot, base, unit, step }: Axis,
): void {
  const labels = Math.min(bars.length, Math.max(1, Math.floor(plot.width / LABEL_WIDTH - 0.5)));
  for (let n = 0; n <= labels; n++) {
    const at = Math.round((n / labels) * bars.length);
    const bar = bars[Math.min(at, bars.length - 1)];
    if (!bar) return;
    context.textAlign = n === 0 ? 'left' : n === labels ? 'right' : 'center';
    const value = at < bars.length ? bar.low : bar.high;
    context.fillText(valueText(value, unit), ROOM.left + at * step, base + 6);
  }
}

/** As in the heatmap: the same count, the same colour. */
function colourOf(count: number, most: number, theme: Theme): string {
  const pixel = pixelOf(count, most, theme);
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}
