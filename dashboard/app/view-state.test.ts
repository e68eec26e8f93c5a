import { describe, expect, it } from 'vitest';
import {
  PLAIN,
  parseView,
  stepsOf,
  type ViewState,
  viewText,
  whereOf,
  withFilter,
} from './view-state.ts';

const view = (patch: Partial<ViewState>): ViewState => ({ ...PLAIN, ...patch });

describe('the address of a view', () => {
  it('is empty for what nobody chose', () => {
    expect(viewText(PLAIN)).toBe('');
    expect(parseView('')).toEqual({ view: PLAIN, faults: [] });
  });

  it('reads as the design writes it', () => {
    const text = '?f=service:checkout,region:eu-west&g=service&s=p99&w=5m&t=1764000000000';
    const chosen = view({
      filters: [
        { key: 'service', value: 'checkout' },
        { key: 'region', value: 'eu-west' },
      ],
      group: 'service',
      stat: 'p99',
      spanMs: 300_000,
      at: 1_764_000_000_000,
    });
    expect(parseView(text)).toEqual({ view: chosen, faults: [] });
    expect(viewText(chosen)).toBe(text);
  });

  it.each(['a,b', 'a:b', '100%', '%2C', '', 'ü&=?#/+ ', '<img src=x onerror=alert(1)>'])(
    'carries the tag value %j and back',
    (value) => {
      const chosen = view({ filters: [{ key: `k${value}`, value }], group: `g${value}` });
      expect(parseView(viewText(chosen))).toEqual({ view: chosen, faults: [] });
    },
  );

  it.each([
    ['?s=p101', 's=p101'],
    ['?s=zscore()', 's=zscore()'],
    ['?w=0s', 'w=0s'],
    ['?w=5', 'w=5'],
    ['?w=99999d', 'w=99999d'],
    ['?t=yesterday', 't=yesterday'],
    ['?f=service', 'f=service'],
    ['?f=a:%25', 'f=a:%'],
  ])('%s gives the plain view and a notice', (search, fault) => {
    expect(parseView(search)).toEqual({ view: PLAIN, faults: [fault] });
  });

  it('says live in words too', () => {
    expect(parseView('?t=live')).toEqual({ view: PLAIN, faults: [] });
  });

  it('takes a filter once, and no more of them than a query may have', () => {
    expect(parseView('?f=a:1,a:1').view.filters).toEqual([{ key: 'a', value: '1' }]);
    const many = Array.from({ length: 100 }, (_, at) => `a:${at}`).join();
    expect(parseView(`?f=${many}`).view.filters).toHaveLength(32);
  });
});

describe('filters', () => {
  it('of one key are any of its values, of several keys all of them', () => {
    const filters = [
      { key: 'a', value: '1' },
      { key: 'b', value: '3' },
      { key: 'a', value: '2' },
    ];
    expect(whereOf(filters)).toEqual([
      ['a', 'in', ['1', '2']],
      ['b', '=', '3'],
    ]);
  });

  it('are ticked and unticked', () => {
    const filter = { key: 'a', value: '1' };
    const ticked = withFilter(PLAIN, filter, true);
    expect(ticked.filters).toEqual([filter]);
    expect(withFilter(ticked, filter, true).filters).toEqual([filter]);
    expect(withFilter(ticked, filter, false).filters).toEqual([]);
  });
});

describe('steps', () => {
  it.each([60_000, 300_000, 900_000, 3_600_000, 86_400_000, 30 * 86_400_000])(
    'of %d ms are at most 400, and make whole windows',
    (spanMs) => {
      const { windowMs, slideMs } = stepsOf(spanMs);
      expect(spanMs / slideMs).toBeLessThanOrEqual(400);
      expect(windowMs % slideMs).toBe(0);
    },
  );
});
