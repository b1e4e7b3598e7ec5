import { describe, expect, it } from 'vitest';
import { decimalsFor, formatAge, formatCount, formatDuration, formatShare, formatShort, formatValue, unitSign, wordsOf } from './format';

describe('values', () => {
  it('take their decimals from the span of the signal', () => {
    expect([300, 60, 8, 2000, 0.5].map(decimalsFor)).toEqual([0, 1, 2, 0, 3]);
    expect([0, -1, NaN, Infinity].map(decimalsFor)).toEqual([2, 2, 2, 2]);
  });

  it('keep their decimals and follow the locale', () => {
    expect(formatValue(6.4, 2, 'en')).toBe('6.40');
    expect(formatValue(1234.5, 1, 'de')).toBe('1.234,5');
  });

  it('show a missing number as a dash, never as NaN', () => {
    for (const missing of [null, undefined, NaN, Infinity]) expect(formatValue(missing, 1, 'en')).toBe('–');
  });

  it('switch to powers of ten where fixed decimals would lie', () => {
    expect(formatValue(0.00001, 2, 'en')).toBe('1.00e-5');
    expect(formatValue(3e12, 0, 'en')).toBe('3.00e+12');
    expect(formatValue(0, 2, 'en')).toBe('0.00');
  });

  it('drop needless zeros in limits', () => {
    expect(formatShort(6, 'en')).toBe('6');
    expect(formatShort(210.5, 'de')).toBe('210,5');
    expect(formatShort(1160, 'en')).toBe('1,160');
    expect([1.5e12, -2e7, 1.2346e8].map((v) => formatShort(v, 'en'))).toEqual(['1.5e12', '-2e7', '1.235e8']);
  });
});

describe('a share', () => {
  it('is rounded down: 100 % means all', () => {
    expect(formatShare(0.99999, 'en')).toBe('99.9\u00a0%');
    expect(formatShare(1, 'en')).toBe('100\u00a0%');
    expect(formatShare(0.998, 'en')).toBe('99.8\u00a0%');
    expect(formatShare(null, 'en')).toBe('–');
  });
});

describe('durations', () => {
  it('name two units at most', () => {
    expect([0, 21, 95, 1800, 3725, 90000, 864000].map((s) => formatDuration(s, 'en'))).toEqual([
      '0 s', '21 s', '1 min 35 s', '30 min', '1 h 2 min', '1 d 1 h', '10 d',
    ]); // prettier-ignore
  });

  it('show a tenth of a second while it is young', () => {
    expect(formatAge(0.44, 'en')).toBe('0.4 s');
    expect(formatAge(0.44, 'de')).toBe('0,4 s');
    expect(formatAge(75, 'en')).toBe('1 min 15 s');
    expect(formatAge(-1, 'en')).toBe('0.0 s');
  });
});

it('writes units as instruments do', () => {
  expect(['degC', '[degF]', 'mm/s', '1', null].map(unitSign)).toEqual(['°C', '°F', 'mm/s', '', '']);
});

it('groups counts and opens underscores', () => {
  expect(formatCount(2400, 'en')).toBe('2,400');
  expect(wordsOf('discharge_pressure')).toBe('discharge pressure');
});
