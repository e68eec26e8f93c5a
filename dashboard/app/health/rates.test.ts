import { describe, expect, it } from 'vitest';
import { Rates } from './rates.ts';

describe('a rate', () => {
  it('needs two readings', () => {
    const rates = new Rates();
    expect(rates.of('a')).toBeNull();
    rates.take(0, 'x', { a: 5 });
    expect(rates.of('a')).toBeNull();
    rates.take(2000, 'x', { a: 25 });
    expect(rates.of('a')).toBe(10);
  });

  it('is over the last ten seconds', () => {
    const rates = new Rates();
    for (let second = 0; second <= 30; second++)
      rates.take(second * 1000, 'x', { a: second < 20 ? 0 : (second - 20) * 3 });
    expect(rates.of('a')).toBe(3);
  });

  it('of a counter that is new began at 0', () => {
    const rates = new Rates();
    rates.take(0, 'x', {});
    rates.take(1000, 'x', { a: 4 });
    expect(rates.of('a')).toBe(4);
    expect(rates.of('unknown')).toBe(0);
  });

  it('begins afresh when the server did, or its clock stepped back', () => {
    const rates = new Rates();
    rates.take(0, 'x', { a: 1000 });
    rates.take(1000, 'y', { a: 1 });
    expect(rates.of('a')).toBeNull();
    rates.take(500, 'y', { a: 2 });
    expect(rates.of('a')).toBeNull();
    rates.take(1500, 'y', { a: 3 });
    expect(rates.of('a')).toBe(1);
  });

  it('takes one answer that is read twice once', () => {
    const rates = new Rates();
    rates.take(0, 'x', { a: 1 });
    rates.take(0, 'x', { a: 1 });
    expect(rates.of('a')).toBeNull();
  });
});
