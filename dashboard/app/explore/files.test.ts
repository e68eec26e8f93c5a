// What is exported is what is shown, and can be shown again; a file from elsewhere is read whole or refused.
import { describe, expect, it } from 'vitest';
import { csvOf, fileName, jsonOf, readJson } from './files.ts';
import type { Shown } from './shown.ts';

const SHOWN: Shown = {
  asked: {
    metric: 'http.latency',
    kind: 'timer',
    where: [['env', 'in', ['prod', 'a,b']]],
    by: ['route'],
    stat: 'p99',
    windowMs: 10_000,
    stepMs: 1000,
    spanMs: 60_000,
    at: 1_764_000_002_000,
    limit: 0,
  },
  times: [1_764_000_000_000, 1_764_000_001_000],
  lines: [
    { tags: { route: '/a' }, values: [1.5, 0.1 + 0.2] },
    { tags: { route: 'say "a, b"' }, values: [null, 0] },
  ],
};
const withRoute = (route: string): Shown => ({
  ...SHOWN,
  lines: [{ tags: { route }, values: [1, null] }],
});
const lastLine = (shown: Shown) => csvOf(shown).trimEnd().split('\n').at(-1);

describe('CSV', () => {
  it('has a row for each value that is shown, as `weir query --csv` has', () => {
    expect(csvOf(SHOWN)).toBe(
      'time,route,p99\n' +
        '2025-11-24T16:00:00.000Z,/a,1.5\n' +
        '2025-11-24T16:00:01.000Z,/a,0.30000000000000004\n' +
        '2025-11-24T16:00:01.000Z,"say ""a, b""",0\n',
    );
  });

  it('is no formula in a spreadsheet', () => {
    for (const text of ['=1+1', '+x', '-x', '@x', '\tx'])
      expect(lastLine(withRoute(text))).toBe(`2025-11-24T16:00:00.000Z,'${text},1`);
    for (const text of ['-1', 'a=1']) expect(lastLine(withRoute(text))).toContain(`,${text},`);
    expect(lastLine(withRoute('=a,"b'))).toContain(`,"'=a,""b",`);
  });
});

describe('JSON', () => {
  it('comes back as it was', () => expect(readJson(jsonOf(SHOWN))).toEqual(SHOWN));

  it('of a live view ends where its data ends', () => {
    const live = { ...SHOWN, asked: { ...SHOWN.asked, at: 'live' as const } };
    expect(readJson(jsonOf(live))).toMatchObject({ asked: { at: 1_764_000_001_000 } });
  });

  it('of no group and without filters comes back as well', () => {
    const { asked } = SHOWN;
    const whole = {
      asked: { ...asked, by: [], where: [] },
      times: SHOWN.times,
      lines: [{ tags: {}, values: [1, 2] }],
    };
    expect(readJson(jsonOf(whole))).toEqual(whole);
  });

  it('that is none of ours is refused with a sentence', () => {
    for (const text of ['', 'x', '1', 'null', '[]', '{}', '{"weir":"board"}'])
      expect(readJson(text)).toMatch(/^This file is no /);
  });

  it('with any part missing, or another type in its place, is refused or still a chart', () => {
    const whole = JSON.parse(jsonOf(SHOWN));
    const odd = [undefined, null, 0, -1, 1.5, '', 'x', [], {}, [[]], [[null]], [{}], true];
    let refused = 0;
    const look = (target: Record<string, unknown>, path: string) => {
      for (const key of Object.keys(target)) {
        const kept = target[key];
        for (const value of odd) {
          target[key] = value;
          const read = readJson(JSON.stringify(whole));
          if (typeof read === 'string') refused++;
          else
            for (const { tags, values } of read.lines) {
              expect(values, path + key).toHaveLength(read.times.length);
              expect(Object.keys(tags), path + key).toEqual([...read.asked.by]);
            }
        }
        target[key] = kept;
        if (typeof kept === 'object' && kept !== null)
          look(kept as Record<string, unknown>, `${path}${key}.`);
      }
    };
    look(whole, '');
    expect(refused).toBeGreaterThan(100);
    expect(readJson(JSON.stringify(whole))).toEqual(SHOWN);
  });
});

it('a file has a name that every file system takes', () => {
  const { asked } = SHOWN;
  expect(fileName({ ...asked, metric: '../a b/<c>' }, 'csv')).toBe('.._a_b_c_-p99.csv');
  expect(fileName({ ...asked, metric: 'x'.repeat(500) }, 'png').length).toBeLessThan(100);
});
