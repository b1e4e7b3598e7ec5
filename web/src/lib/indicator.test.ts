import { describe, expect, it } from 'vitest';
import { fraction, indicatorOf, spanOfSignal } from './indicator';

const nothing = { range: null, normal: null, limits: [], latest: null };

describe('a moving analogue indicator', () => {
  it('spreads band and limits over the bar and stays within the instrument', () => {
    const bar = indicatorOf({
      ...nothing,
      range: { low: 0, high: 20 },
      normal: { low: 2, high: 3 },
      limits: [{ side: 'high', value: 6, priority: 2 }],
    });
    expect(bar?.low).toBeCloseTo(2 - 4 / 3);
    expect(bar?.high).toBeCloseTo(6 + 4 / 3);
    expect(bar?.limits[0]?.at).toBeCloseTo(0.8);
    expect(bar?.normal?.[0]).toBeCloseTo(0.2);
  });

  it('uses the instrument range alone, and an open normal band to its end', () => {
    expect(indicatorOf({ ...nothing, range: { low: 0, high: 10 } })).toMatchObject({ low: 0, high: 10, normal: null });
    expect(indicatorOf({ ...nothing, range: { low: 0, high: 10 }, normal: { low: null, high: 5 } })?.normal).toEqual([0, 0.5]);
  });

  it('is absent when nothing is known or the ends make no bar', () => {
    expect(indicatorOf(nothing)).toBeNull();
    expect(indicatorOf({ ...nothing, range: { low: 5, high: 5 } })).toBeNull();
    expect(indicatorOf({ ...nothing, limits: [{ side: 'high', value: 6, priority: 2 }] })).toBeNull();
  });

  it('keeps the marker on the bar', () => {
    expect([-1, 5, 11].map((v) => fraction(v, 0, 10))).toEqual([0, 0.5, 1]);
  });

  it('gives the span for decimals', () => {
    expect(spanOfSignal({ ...nothing, range: { low: 0, high: 10 } })).toBe(10);
    expect(spanOfSignal({ ...nothing, latest: { value: -230 } })).toBe(230);
  });
});
