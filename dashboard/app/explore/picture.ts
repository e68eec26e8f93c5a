// Picture: the chart as a PNG, with its title, its legend and its background, for a page that is not this one.

import { type Stroke, strokes, type Theme } from '../colours.ts';
import { showText, type Unit } from '../units.ts';
import { nameOf, newest, type Shown } from './shown.ts';

const ROOM = { side: 16, top: 44, row: 22, bottom: 12 };
const NAMES_MAX = 8;
const FONT = 'Inter, system-ui, sans-serif';

/** How large the picture of a chart is, in CSS pixels; times devicePixelRatio in the file. */
export function sizeOf(chart: { width: number; height: number }, lines: number) {
  const rows = Math.ceil(Math.min(lines, NAMES_MAX) / 4);
  return {
    width: chart.width + 2 * ROOM.side,
    height: ROOM.top + chart.height + rows * ROOM.row + ROOM.bottom,
  };
}

export interface Drawn {
  canvas: HTMLCanvasElement;
  theme: Theme;
  unit: Unit;
  token: (name: string) => string;
}

export function pictureOf(shown: Shown, drawn: Drawn): Promise<Blob | null> {
  const { canvas, token } = drawn;
  const chart = {
    width: canvas.width / devicePixelRatio,
    height: canvas.height / devicePixelRatio,
  };
  const size = sizeOf(chart, shown.lines.length);
  const out = document.createElement('canvas');
  out.width = Math.round(size.width * devicePixelRatio);
  out.height = Math.round(size.height * devicePixelRatio);
  const context = out.getContext('2d');
  if (!context) return Promise.resolve(null);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.fillStyle = token('--surface');
  context.fillRect(0, 0, size.width, size.height);
  context.textBaseline = 'middle';
  context.fillStyle = token('--text-1');
  context.font = `600 14px ${FONT}`;
  const { metric, stat, by } = shown.asked;
  const title = `${metric} · ${stat}${by.length > 0 ? ` by ${by.join(', ')}` : ''}`;
  context.fillText(title, ROOM.side, ROOM.top / 2, chart.width);
  context.drawImage(canvas, ROOM.side, ROOM.top, chart.width, chart.height);
  legend(context, shown, drawn, { top: ROOM.top + chart.height, width: chart.width });
  return new Promise((done) => out.toBlob(done, 'image/png'));
}

function legend(
  context: CanvasRenderingContext2D,
  { lines, asked }: Shown,
  { theme, unit, token }: Drawn,
  { top, width }: { top: number; width: number },
): void {
  const some = lines
    .slice(0, NAMES_MAX)
    .map((line) => ({ name: nameOf(line.tags, asked.stat), line }));
  const colours: Map<string, Stroke> = strokes(
    some.map(({ name }) => name),
    theme,
  );
  const column = width / 4;
  context.font = `12px ${FONT}`;
  some.forEach(({ name, line }, at) => {
    const x = ROOM.side + (at % 4) * column;
    const y = top + ROOM.row * (Math.floor(at / 4) + 0.5);
    const stroke = colours.get(name);
    context.strokeStyle = stroke?.colour ?? token('--accent');
    context.lineWidth = 2;
    context.setLineDash(stroke?.dashed ? [5, 2] : []);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + 12, y);
    context.stroke();
    context.fillStyle = token('--text-2');
    context.fillText(`${name} ${showText(newest(line), unit)}`, x + 18, y, column - 26);
  });
}

/** Hands a file to the person. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then, or never will.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
