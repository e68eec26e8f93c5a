// ScrubberPaint: what the scrubber looks like, from plain numbers.

import type { Theme } from '../colours.ts';
import type { Mark } from '../events.ts';

export interface ScrubberLook {
  /** Samples by the end of their window, in ms. */
  counts: ReadonlyMap<number, number>;
  stepMs: number;
  reachMs: number;
  now: number;
  edge: number;
  spanMs: number;
  marks: readonly Mark[];
  theme: Theme;
}

const HOUR = 3_600_000;
const REACHES = [HOUR, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR];

/** How much of the past it spans: what is shown is at most a quarter of it, and inside. */
export const reachOf = (spanMs: number, agoMs: number): number =>
  REACHES.find((reach) => spanMs * 4 <= reach && (agoMs + spanMs) * 1.05 <= reach) ??
  (REACHES.at(-1) as number);

/** `−10 min`, `−6 h`, `−2 d` */
export function agoText(ms: number): string {
  if (ms < HOUR) return `−${Math.round(ms / 60_000)} min`;
  return ms < 48 * HOUR ? `−${Math.round(ms / HOUR)} h` : `−${Math.round(ms / (24 * HOUR))} d`;
}

const LABELS = 6;

export function paintScrubber(canvas: HTMLCanvasElement, look: ScrubberLook): void {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (width === 0) return;
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const start = look.now - look.reachMs;
  const xOf = (time: number) => ((time - start) / look.reachMs) * width;
  paintArea(context, look, xOf, height, token('--accent'));
  paintPart(context, look, xOf, [width, height], token('--accent'));
  paintLabels(context, look, width, token);
  context.fillStyle = token('--text-1');
  for (const { time } of look.marks) {
    const x = xOf(time);
    context.beginPath();
    context.moveTo(x - 4, height);
    context.lineTo(x, height - 6);
    context.lineTo(x + 4, height);
    context.fill();
  }
}

function paintArea(
  context: CanvasRenderingContext2D,
  { counts, stepMs, now, reachMs }: ScrubberLook,
  xOf: (time: number) => number,
  height: number,
  colour: string,
): void {
  const seen = [...counts].filter(([end]) => end > now - reachMs && end <= now + stepMs);
  const most = Math.max(1, ...seen.map(([, count]) => count));
  context.fillStyle = colour;
  context.globalAlpha = 0.25;
  for (const [end, count] of seen) {
    const top = height - (count / most) * (height - 10);
    const left = xOf(end - stepMs);
    context.fillRect(left, top, xOf(end) - left, height - top);
  }
  context.globalAlpha = 1;
}

function paintPart(
  context: CanvasRenderingContext2D,
  { edge, spanMs }: ScrubberLook,
  xOf: (time: number) => number,
  [width, height]: [number, number],
  colour: string,
): void {
  const right = Math.min(xOf(edge), width - 1);
  const left = Math.min(xOf(edge - spanMs), right - 2);
  context.fillStyle = colour;
  context.globalAlpha = 0.2;
  context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 1;
  context.fillRect(left - 1, 0, 2, height);
  context.fillRect(right - 1, 0, 2, height);
  context.beginPath();
  context.roundRect(left - 3, height / 2 - 6, 6, 12, 3);
  context.fill();
}

function paintLabels(
  context: CanvasRenderingContext2D,
  { reachMs }: ScrubberLook,
  width: number,
  token: (name: string) => string,
): void {
  context.font = '11px Inter, system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillStyle = token('--text-2');
  const every = width < 500 ? 2 : 1;
  for (let at = every; at < LABELS; at += every)
    context.fillText(agoText((reachMs * (LABELS - at)) / LABELS), (width * at) / LABELS, 14);
}
