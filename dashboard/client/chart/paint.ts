// Paints a View on a canvas: grid, axes, lines, their names. Colours and font are the element's own.

import { type Line, latest, short, type View } from './lines.ts';

export interface Look {
  style: CSSStyleDeclaration;
  /** Not live: what is shown is old. */
  dim: boolean;
  /** In place of lines, '' for none. */
  note: string;
}

/** Far apart for eyes of all kinds; after the fourth a line is dashed as well. */
const COLOURS = '#2a2fc4 #e36404 #0da3a8 #65004a #9156f0 #8a6d1f #ba246f #096fa7'.split(' ');
const PAD = { left: 44, right: 8, top: 8, bottom: 38 };
const ROW = 40;
const COLUMN = 80;
/** Steps of a clock, in seconds; longer ones are days. */
const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 10_800, 21_600, 43_200];

/** 1, 2 or 5 times a power of ten, so that at most so many fit. */
export function stepOf(range: number, most: number): number {
  const rough = range / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((one) => one * power >= rough * 0.999) ?? 10);
}

/** Round moments of the reader's own clock in (start, end], in ms. */
export function momentsOf(start: number, end: number, most: number): number[] {
  const step = (CLOCK.find((one) => (end - start) / one / 1_000 <= most) ?? 86_400) * 1_000;
  const zone = new Date(end).getTimezoneOffset() * 60_000;
  const moments: number[] = [];
  for (let at = Math.floor((end - zone) / step) * step + zone; at > start; at -= step)
    moments.push(at);
  return moments;
}

/** 17:05, or 17:05:30. */
export const clockOf = (at: number) => new Date(at).toTimeString().slice(0, at % 60_000 ? 8 : 5);

export function paint(canvas: HTMLCanvasElement, view: View, { style, dim, note }: Look): void {
  const ratio = globalThis.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const draw = canvas.getContext('2d');
  if (!draw || width === 0 || height === 0) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  draw.scale(ratio, ratio);
  const of = (name: string, fallback: string) =>
    style.getPropertyValue(`--weir-chart-${name}`).trim() || fallback;
  const text = of('text', style.color);
  draw.font = of('font', `11px ${style.fontFamily}`);
  draw.fillStyle = text;
  if (note) {
    draw.textAlign = 'center';
    return draw.fillText(note, width / 2, height / 2, width);
  }
  const inner = { w: width - PAD.left - PAD.right, h: height - PAD.top - PAD.bottom };
  const x = (at: number) => PAD.left + ((at - view.start) / (view.end - view.start)) * inner.w;
  // The axis begins and ends with a label, and no line runs along its edge.
  const step = stepOf(view.high - view.low, inner.h / ROW);
  const low = Math.floor(view.low / step) * step;
  const rows = Math.max(1, Math.ceil((view.high - low) / step + 0.05));
  const y = (value: number) => PAD.top + (1 - (value - low) / (rows * step)) * inner.h;

  draw.lineWidth = 1 / ratio;
  draw.strokeStyle = of('grid', 'rgba(128, 128, 128, 0.3)');
  draw.textAlign = 'right';
  draw.textBaseline = 'middle';
  for (let row = 0; row <= rows; row++) {
    const value = low + row * step;
    draw.strokeRect(PAD.left, y(value), inner.w, 0);
    draw.fillText(short(value), PAD.left - 6, y(value), PAD.left - 8);
  }
  draw.textBaseline = 'top';
  draw.textAlign = 'center';
  const under = height - PAD.bottom + 6;
  for (const at of momentsOf(view.start, view.end, inner.w / COLUMN)) {
    if (x(at) > PAD.left + 20 && x(at) < width - 24) draw.fillText(clockOf(at), x(at), under);
  }
  draw.textAlign = 'left';

  draw.save();
  draw.beginPath();
  draw.rect(PAD.left, 0, inner.w, height);
  draw.clip();
  draw.globalAlpha = dim ? 0.4 : 1;
  draw.lineWidth = Number(of('line', '1.5'));
  view.lines.forEach((line, at) => {
    draw.strokeStyle = of(`${at + 1}`, COLOURS[at % 8] as string);
    draw.setLineDash(at % 8 < 4 ? [] : [5, 3]);
    trace(draw, line, view, x, y);
  });
  draw.restore();

  let left = PAD.left;
  view.lines.forEach((line, at) => {
    if (!line.name || left > width - 40) return;
    const label = `${line.name} ${short(latest(line) ?? Number.NaN)}`
      .slice(0, 40)
      .replace('NaN', '–');
    draw.fillStyle = of(`${at + 1}`, COLOURS[at % 8] as string);
    draw.fillRect(left, under + 18, 8, 8);
    draw.fillStyle = text;
    draw.fillText(label, left + 12, under + 16);
    left += 24 + draw.measureText(label).width;
  });
}

/** One line; what is missing is a gap, never a straight line over it. */
function trace(
  draw: CanvasRenderingContext2D,
  { points }: Line,
  { step, start }: View,
  x: (at: number) => number,
  y: (value: number) => number,
): void {
  draw.beginPath();
  let before: number | null = null;
  for (const [at, value] of points) {
    if (value === null || at < start - step) {
      before = null;
      continue;
    }
    if (before === null || (step > 0 && at - before > 2.5 * step)) draw.moveTo(x(at) - 1, y(value));
    draw.lineTo(x(at), y(value));
    before = at;
  }
  draw.stroke();
}
