import { describe, expect, it } from 'vitest';
import { Ring } from './live_values';
import { drawn, gapAfter, usualDistance, type Columns } from './series';

const columns = (time: number[], more: Partial<Columns> = {}): Columns => {
  const values = time.map((t) => t * 10);
  return { bucket_ms: 0, time, min: values, max: values, last: values, quality: time.map(() => 0), ...more };
};

describe('a drawn series', () => {
  it('breaks the line where readings are missing', () => {
    const line = drawn(columns([1, 2, 3, 10, 11, 12]));
    expect(line.time).toEqual([1, 2, 3, 6.5, 10, 11, 12]);
    expect(line.last[3]).toBeNull();
    expect(line.min[3]).toBeNull();
  });

  it('joins readings that are rarer than buckets', () => {
    expect(drawn(columns([0, 2, 4, 6], { bucket_ms: 1 })).time).toHaveLength(4);
    expect(gapAfter({ time: [0, 1, 2, 3], bucket_ms: 1 })).toBe(3);
    expect(gapAfter({ time: [0, 1], bucket_ms: 1 })).toBe(Infinity);
  });

  it('keeps a missing number as a break of its own', () => {
    expect(drawn(columns([1, 2, 3], { last: [1, null, 3] })).last).toEqual([1, null, 3]);
  });

  it('names the spans of bad quality', () => {
    expect(drawn(columns([1, 2, 3, 4, 5, 6], { quality: [0, 0, 2, 2, 0, 2] })).bad).toEqual([[2, 4], [5, 6]]); // prettier-ignore
  });

  it('goes on with live values that history does not have yet', () => {
    const ring = new Ring(8);
    for (const t of [2, 3, 4, 5]) ring.push(t, t, t === 5 ? 2 : 0);
    const line = drawn(columns([1, 2, 3]), ring);
    expect(line.time).toEqual([1, 2, 3, 4, 5]);
    expect(line.last).toEqual([10, 20, 30, 4, 5]);
    expect(line.bad).toHaveLength(1);
  });

  it('draws live values alone when history is empty', () => {
    const ring = new Ring(8);
    ring.push(1, 1, 0);
    expect(drawn(columns([]), ring).time).toEqual([1]);
  });
});

it('takes the median as the usual distance', () => {
  expect(usualDistance([0, 1, 2, 3, 100])).toBe(1);
  expect(usualDistance([0, 1])).toBeNaN();
});
