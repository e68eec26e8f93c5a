// Marks: the events of a chart as vertical lines over it, with what they say on hover. DOM over the canvas, and only text
// in it. Hidden from screen readers: the chart's name tells them (saidOf). Owned by one chart.

import { clockOf, LEVELS, type Mark, oneLine, type WeirEvent, wordOf } from '../events.ts';

const TOLD_MAX = 3;
/** A tip's greatest width (styles.css) and its distance from the line, in pixels. */
const TIP_ROOM = 232;
const TITLE_CHARACTERS = 60;
const TEXT_CHARACTERS = 120;

function made(tag: string, name: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/** What marks stand over: an area, and where in it a moment is, in CSS pixels. A uPlot is one. */
export interface Ground {
  readonly over: HTMLElement;
  valToPos(seconds: number, scale: 'x'): number;
}

export class Marks {
  readonly #layer = made('div', 'marks');
  readonly #shown = new Map<number, { element: HTMLElement; told: string }>();

  constructor() {
    this.#layer.setAttribute('aria-hidden', 'true');
  }

  /** Over this ground from now on. */
  join(plot: Ground): void {
    plot.over.append(this.#layer);
  }

  draw(marks: readonly Mark[], plot: Ground): void {
    const width = plot.over.clientWidth;
    const gone = new Set(this.#shown.keys());
    for (const mark of marks) {
      gone.delete(mark.key);
      const element = this.#element(mark);
      const at = Math.round(plot.valToPos(mark.time / 1000, 'x'));
      element.style.transform = `translateX(${at}px)`;
      place(element, at, width);
    }
    for (const key of gone) {
      this.#shown.get(key)?.element.remove();
      this.#shown.delete(key);
    }
  }

  /** Made again only when it has something else to say. */
  #element(mark: Mark): HTMLElement {
    const told = mark.events.map(({ id }) => id).join();
    const before = this.#shown.get(mark.key);
    if (before?.told === told) return before.element;
    const element = made('div', 'mark');
    element.dataset.level = mark.level;
    element.dataset.testid = 'mark';
    element.append(made('i', 'mark-shape', LEVELS[mark.level].mark), tipOf(mark));
    if (before) before.element.replaceWith(element);
    else this.#layer.append(element);
    this.#shown.set(mark.key, { element, told });
    return element;
  }
}

/** The tip stands to the right of its line, else to its left, else over it: inside the chart. */
function place(element: HTMLElement, at: number, width: number): void {
  const right = at + TIP_ROOM <= width;
  element.classList.toggle('leftwards', !right && at >= TIP_ROOM);
  const over = !right && at < TIP_ROOM;
  const tip = element.lastElementChild as HTMLElement;
  tip.style.left = over ? `${Math.max(-at, width - at - TIP_ROOM)}px` : '';
}

function tipOf({ events }: Mark): HTMLElement {
  const tip = made('div', 'mark-tip');
  if (events.length === 1) tip.append(...linesOf(events[0] as WeirEvent));
  else for (const event of events.slice(-TOLD_MAX)) tip.append(lineOf(event));
  if (events.length > TOLD_MAX)
    tip.append(made('span', 'mark-more', `and ${events.length - TOLD_MAX} before`));
  return tip;
}

/** One of several. */
function lineOf(event: WeirEvent): HTMLElement {
  const line = made('span', 'mark-line');
  const title = made('b', '');
  title.append(made('bdi', '', oneLine(event.title, TITLE_CHARACTERS)));
  line.append(title, ` ${wordOf(event)}`);
  return line;
}

function linesOf(event: WeirEvent): HTMLElement[] {
  const title = made('b', '');
  title.append(made('bdi', '', oneLine(event.title, TITLE_CHARACTERS)));
  const about = [clockOf(event.time, Date.now()), wordOf(event), oneLine(event.host, 40)];
  const lines = [title, made('span', '', about.filter(Boolean).join(' · '))];
  if (event.text) {
    const text = made('span', 'mark-text');
    text.append(made('bdi', '', oneLine(event.text, TEXT_CHARACTERS)));
    lines.push(text);
  }
  return lines;
}
