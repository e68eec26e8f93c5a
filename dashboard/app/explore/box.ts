// Box: a rectangle that is dragged over a heatmap: moments and values. DOM over the heatmap's plot.

import type { Box, Heatmap } from '../charts/heatmap.ts';

/** Smaller is a click, not a box. */
const SIDE_MIN = 4;

/** `chosen` is told when the pointer is let go; null when what was drawn is taken back. Returns how to stop. */
export function onBox(heat: Heatmap, chosen: (box: Box | null) => void): () => void {
  const over = heat.over;
  const frame = document.createElement('div');
  frame.className = 'heat-box';
  frame.hidden = true;
  over.append(frame);
  let from: { x: number; y: number } | null = null;

  const at = (event: PointerEvent) => {
    const edge = over.getBoundingClientRect();
    const inside = (value: number, most: number) => Math.min(Math.max(value, 0), most);
    return {
      x: inside(event.clientX - edge.left, edge.width),
      y: inside(event.clientY - edge.top, edge.height),
    };
  };
  const draw = (event: PointerEvent) => {
    if (!from) return;
    const to = at(event);
    frame.hidden = false;
    Object.assign(frame.style, {
      left: `${Math.min(from.x, to.x)}px`,
      top: `${Math.min(from.y, to.y)}px`,
      width: `${Math.abs(to.x - from.x)}px`,
      height: `${Math.abs(to.y - from.y)}px`,
    });
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    from = at(event);
    over.setPointerCapture(event.pointerId);
  };
  const up = (event: PointerEvent) => {
    if (!from) return;
    const [start, to] = [from, at(event)];
    from = null;
    const large = Math.abs(to.x - start.x) >= SIDE_MIN && Math.abs(to.y - start.y) >= SIDE_MIN;
    frame.hidden = !large;
    chosen(large ? heat.boxOf(start.x, start.y, to.x, to.y) : null);
  };
  const cancel = () => {
    from = null;
    frame.hidden = true;
  };
  over.addEventListener('pointerdown', down);
  over.addEventListener('pointermove', draw);
  over.addEventListener('pointerup', up);
  over.addEventListener('pointercancel', cancel);
  return () => {
    over.removeEventListener('pointerdown', down);
    over.removeEventListener('pointermove', draw);
    over.removeEventListener('pointerup', up);
    over.removeEventListener('pointercancel', cancel);
    frame.remove();
  };
}
