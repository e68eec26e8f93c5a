// Rejected: the lines that the gateway could not read, as /api/v1/rejected tells them. Pure.

import { plain } from '../events.ts';

export interface RejectedLine {
  /** ms since 1970, of the server's clock. */
  time: number;
  feed: string;
  sender: string;
  reason: string;
  /** The byte of the line where reading gave up, from 1. */
  column: number;
  text: string;
  /** Characters of `text` before that byte. */
  mark: number;
  /** Bytes of the line on either side of `text`. */
  cut_before: number;
  cut_after: number;
}
export interface RejectedAnswer {
  items: RejectedLine[];
  passed_over: number;
}
export const REJECTED_PATH = '/api/v1/rejected';

export interface MarkedLine {
  before: string;
  /** The character where reading gave up; empty behind the last one. */
  at: string;
  after: string;
}
/** A line taken apart at its fault. What is missing on a side shows as `…`. */
export function markedLine(line: RejectedLine): MarkedLine {
  const characters = [...plain(line.text)];
  return {
    before: (line.cut_before > 0 ? '…' : '') + characters.slice(0, line.mark).join(''),
    at: characters[line.mark] ?? '',
    after: characters.slice(line.mark + 1).join('') + (line.cut_after > 0 ? '…' : ''),
  };
}

/** `column 18`, or that the line ends there. */
export const placeOf = (line: RejectedLine): string =>
  markedLine(line).at ? `column ${line.column}` : `column ${line.column}, its end`;
