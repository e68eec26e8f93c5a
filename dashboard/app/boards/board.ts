// Board: a saved dashboard as the gateway keeps it. Pure. What is read may come from any file: it is a board or refused with a
// sentence that names the place; members that are not known here are kept.

import type { Query, Stat } from '../../client/index.ts';
import { isStat } from '../view-state.ts';
import { COLUMNS, compact, HEIGHT_MAX, type Place } from './grid.ts';

export const KINDS = ['line', 'heatmap', 'bars', 'number'] as const;
export type CardKind = (typeof KINDS)[number];

export interface Threshold {
  warn?: number;
  crit?: number;
  /** Whether values above are the bad ones; absent: they are. */
  above?: boolean;
}
export interface BoardCard extends Place {
  title?: string;
  metric: string;
  by?: string[];
  where?: NonNullable<Query['where']>;
  stat: Stat;
  kind: CardKind;
  threshold?: Threshold;
}
export interface Board {
  title: string;
  cards: BoardCard[];
}

/** As the gateway limits them. */
export const TITLE_MAX = 200;
export const BOARD_BYTES_MAX = 256 * 1024;
const CARDS_MAX = 200;
const METRIC_MAX = 255;
const TAGS_MAX = 8;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown) => value === undefined || value === null;
const isNumber = (value: unknown) => Number.isFinite(value);
const isText = (value: unknown, most: number) =>
  typeof value === 'string' && new TextEncoder().encode(value).length <= most;
const isTexts = (value: unknown) =>
  Array.isArray(value) &&
  value.length <= TAGS_MAX &&
  value.every((one) => isText(one, 1024) && one);

class Fault extends Error {}
function want(holds: boolean, place: string, what: string): asserts holds {
  if (!holds) throw new Fault(`${place}: want ${what}`);
}

function readThreshold(value: unknown, place: string): void {
  if (isAbsent(value)) return;
  want(isObject(value), place, 'an object');
  for (const level of ['warn', 'crit'])
    want(isAbsent(value[level]) || isNumber(value[level]), `${place}.${level}`, 'a number');
  want(
    isAbsent(value.above) || typeof value.above === 'boolean',
    `${place}.above`,
    'true or false',
  );
}

/** Of the parts that are null nothing stays: absent and null are the same. */
function readCard(value: unknown, place: string): BoardCard {
  want(isObject(value), place, 'an object');
  for (const side of ['x', 'y', 'w', 'h'])
    want(
      Number.isInteger(value[side]) && Number(value[side]) >= 0,
      `${place}.${side}`,
      'an integer',
    );
  want(Number(value.x) + Number(value.w) <= COLUMNS, place, `at most ${COLUMNS} columns`);
  want(isText(value.metric, METRIC_MAX) && value.metric !== '', `${place}.metric`, 'a metric');
  want(typeof value.stat === 'string' && isStat(value.stat), `${place}.stat`, 'a statistic');
  want(KINDS.includes(value.kind as CardKind), `${place}.kind`, KINDS.join(', '));
  want(isAbsent(value.title) || isText(value.title, TITLE_MAX), `${place}.title`, 'a short text');
  want(isAbsent(value.by) || isTexts(value.by), `${place}.by`, 'a list of tags');
  want(isAbsent(value.where) || Array.isArray(value.where), `${place}.where`, 'a list');
  readThreshold(value.threshold, `${place}.threshold`);
  const card = Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
  return card as unknown as BoardCard;
}

export function readBoard(text: string): Board | string {
  if (text.length > BOARD_BYTES_MAX) return 'This file is too large for a board.';
  try {
    const value: unknown = JSON.parse(text);
    want(isObject(value), 'The file', 'a JSON object');
    want(isText(value.title, TITLE_MAX), 'title', `a text of at most ${TITLE_MAX} bytes`);
    want(Array.isArray(value.cards), 'cards', 'a list');
    want(value.cards.length <= CARDS_MAX, 'cards', `at most ${CARDS_MAX}`);
    const cards = value.cards.map((card, at) => readCard(card, `cards[${at}]`));
    // As they stand, so that who reads or walks them one by one meets them in that order.
    cards.sort((a, b) => a.y - b.y || a.x - b.x);
    return { ...value, title: value.title as string, cards: compact(cards) };
  } catch (fault) {
    return fault instanceof Fault ? fault.message : 'This file is no JSON.';
  }
}

export const textOf = (board: Board): string => `${JSON.stringify(board, null, 2)}\n`;

/** What a card of this kind needs to be read. */
export const SIZES: Record<CardKind, { w: number; h: number }> = {
  line: { w: 4, h: 4 },
  heatmap: { w: 6, h: 4 },
  bars: { w: 4, h: 4 },
  number: { w: 2, h: 2 },
};

export const titleOf = ({ title, metric }: BoardCard): string => title || metric;

/** "Checkout (EU)" is checkout-eu-3f9a: unlike every other, and speaking. */
export function newId(title: string, random: () => number = Math.random): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 48);
  const end = Math.floor(random() * 16 ** 6)
    .toString(16)
    .padStart(6, '0');
  return `${plain || 'board'}-${end}`;
}

/** Where it stands, in words. */
export function placeText({ x, y, w, h }: Place): string {
  return `column ${x + 1}, row ${y + 1}, ${w} of ${COLUMNS} columns wide, ${h} of ${HEIGHT_MAX} rows high`;
}
