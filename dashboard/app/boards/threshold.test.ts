import { expect, it } from 'vitest';
import { judge } from './threshold.ts';

it('the worst value decides, and its limit is named', () => {
  const limits = { warn: 100, crit: 300 };
  expect(judge([50, null, 100], limits, 'ms')).toEqual({ level: 'ok', text: '' });
  expect(judge([50, 101], limits, 'ms')).toEqual({ level: 'warn', text: 'over 100 ms' });
  expect(judge([301, 101], limits, 'ms')).toEqual({ level: 'crit', text: 'over 300 ms' });
});

it('below is bad where it is said so', () => {
  const limits = { warn: 0.9, above: false };
  expect(judge([0.95], limits, 'ratio').level).toBe('ok');
  expect(judge([0.95, 0.8], limits, 'ratio')).toEqual({ level: 'warn', text: 'under 90 %' });
});

it('without limits, or without values, all is well', () => {
  expect(judge([1e9], undefined, '').level).toBe('ok');
  expect(judge([null], { crit: 0, above: false }, '').level).toBe('ok');
});
