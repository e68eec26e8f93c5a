// Change: a value against its baseline, as a word, a shape and a level. Pure.

/** Which way is bad; neither: a change is told, and judged only when much is gone. */
export type Worse = 'up' | 'down' | 'neither';
export type ChangeLevel = 'same' | 'warn' | 'crit';

export interface Change {
  level: ChangeLevel;
  /** `▲`, `▼`, or nothing: what the colour says, the shape says too. */
  shape: string;
  /** `2.4×`, `−3 %`; empty when there is nothing to compare with. */
  text: string;
  /** The same in words. */
  said: string;
}

/** From here on a change is worth a colour; it is then said as a multiple. */
const WARN = 1.5;
const CRIT = 2;
export const NO_CHANGE: Change = { level: 'same', shape: '', text: '', said: '' };

const figures = (ratio: number) => (ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1));

function levelOf(ratio: number, worse: Worse): ChangeLevel {
  if (worse === 'neither') return ratio <= 1 / CRIT ? 'warn' : 'same';
  const bad = worse === 'up' ? ratio : 1 / ratio;
  return bad >= CRIT ? 'crit' : bad >= WARN ? 'warn' : 'same';
}

/** null, or a baseline that no ratio can be made with (0, or of the other sign): no change is told. */
export function changeOf(value: number | null, baseline: number | null, worse: Worse): Change {
  if (value === null || baseline === null) return NO_CHANGE;
  if (baseline === 0 && value > 0) {
    const level = worse === 'up' ? 'warn' : 'same';
    return { level, shape: '▲', text: 'new', said: 'there was none before' };
  }
  const ratio = value / baseline;
  if (!Number.isFinite(ratio) || ratio < 0) return NO_CHANGE;
  const shape = ratio >= WARN ? '▲' : ratio <= 1 / WARN ? '▼' : '';
  const level = levelOf(ratio, worse);
  if (ratio >= WARN)
    return {
      level,
      shape,
      text: `${figures(ratio)}×`,
      said: `${figures(ratio)} times the baseline`,
    };
  const percent = Math.round((ratio - 1) * 100);
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '±';
  const text = `${sign}${Math.abs(percent)} %`;
  const said =
    percent === 0
      ? 'as the baseline'
      : `${Math.abs(percent)} percent ${percent > 0 ? 'above' : 'below'} the baseline`;
  return { level, shape, text, said };
}
