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
const PAD = { left: 44, right: 8, top: 8, bottom: 34 };

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
  const y = (value: number) =>
    PAD.top + (1 - (value - view.low) / (view.high - view.low)) * inner.h;

  draw.lineWidth = 1 / ratio;
  draw.strokeStyle = of('grid', 'rgba(128, 128, 128, 0.3)');
  draw.textAlign = 'right';
  draw.textBaseline = 'middle';
  for (const part of [0, 0.5, 1]) {
    const value = view.low + part * (view.high - view.low);
    draw.strokeRect(PAD.left, y(value), inner.w, 0);
    draw.fillText(short(value), PAD.left - 6, y(value), PAD.left - 8);
  }
  draw.textBaseline = 'top';
  const time = (at: number) => new Date(at).toLocaleTimeString();
  const under = height - PAD.bottom + 4;
  draw.fillText(time(view.end), width - PAD.right, under);
  draw.textAlign = 'left';
  draw.fillText(time(view.start), PAD.left, under);

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
