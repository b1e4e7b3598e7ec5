import { describe, expect, it, vi } from 'vitest';
import { LiveValues, Ring } from './live_values';

describe('a ring', () => {
  it('keeps the newest values in order', () => {
    const ring = new Ring(3);
    for (const t of [1, 2, 3, 4, 5]) ring.push(t, t * 10, 0);
    expect(ring.length).toBe(3);
    expect([0, 1, 2].map((k) => [ring.time(k), ring.value(k)])).toEqual([[3, 30], [4, 40], [5, 50]]); // prettier-ignore
  });

  it('leaves out what comes late or twice, and keeps a missing number as NaN', () => {
    const ring = new Ring(4);
    ring.push(2, 1, 0);
    ring.push(1, 9, 0);
    ring.push(2, 9, 0);
    ring.push(3, null, 2);
    expect(ring.length).toBe(2);
    expect(ring.value(1)).toBeNaN();
    expect(ring.quality(1)).toBe(2);
  });
});

describe('live values', () => {
  const withFrames = (capacity = 10) => {
    const frames: (() => void)[] = [];
    const values = new LiveValues(capacity, (run) => frames.push(run));
    return { values, frame: () => frames.splice(0).forEach((run) => run()), asked: () => frames.length };
  };

  it('tell a listener once per frame with the newest value', () => {
    const { values, frame, asked } = withFrames();
    const tell = vi.fn();
    values.listen('A', 'x', tell);
    values.take({ A: [['x', 1, 10, 0, 0]] });
    values.take({ A: [['x', 2, 20, 1, 8]] });
    expect(asked()).toBe(1);
    expect(tell).not.toHaveBeenCalled();
    frame();
    expect(tell).toHaveBeenCalledTimes(1);
    expect(tell.mock.calls[0]?.[0]).toEqual({ time: 2, value: 20, quality: 1, flags: 8 });
    expect(tell.mock.calls[0]?.[1].length).toBe(2);
  });

  it('tell only those whose signal changed, and nobody who left', () => {
    const { values, frame } = withFrames();
    const [x, y, gone] = [vi.fn(), vi.fn(), vi.fn()];
    values.listen('A', 'x', x);
    values.listen('A', 'y', y);
    values.listen('A', 'x', gone)();
    values.take({ A: [['x', 1, 1, 0, 0]], B: [['x', 1, 2, 0, 0]] });
    frame();
    expect([x, y, gone].map((f) => f.mock.calls.length)).toEqual([1, 0, 0]);
  });

  it('say when a signal is new', () => {
    const { values } = withFrames();
    expect(values.take({ A: [['x', 1, 7, 0, 0]] })).toBe(true);
    expect(values.take({ A: [['x', 2, 7, 0, 0]] })).toBe(false);
    expect(values.take({ B: [['x', 2, 7, 0, 0]] })).toBe(true);
  });

  it('greet a late listener with what is known', () => {
    const { values, frame } = withFrames();
    values.take({ A: [['x', 1, 7, 0, 0]] });
    frame();
    const tell = vi.fn();
    values.listen('A', 'x', tell);
    expect(tell.mock.calls[0]?.[0].value).toBe(7);
  });

  it('name the reasons of a doubtful reading', () => {
    const { values } = withFrames();
    values.flag_names = ['range', 'stuck', 'spike'];
    expect(values.reasons({ time: 0, value: 1, quality: 2, flags: 5 })).toEqual(['range', 'spike']);
    expect(values.reasons({ time: 0, value: 1, quality: 0, flags: 0 })).toEqual([]);
  });

  it('put history before live values, once', () => {
    const { values } = withFrames();
    values.take({ A: [['x', 100, 5, 0, 0]] });
    values.take({ A: [['x', 101, 6, 0, 0]] });
    values.seed('A', 'x', [1, 2, 100], [1, null, 5], [0, 2, 0]);
    const times = () => [0, 1, 2, 3].map((k) => values.ring('A', 'x')?.time(k));
    expect(times()).toEqual([1, 2, 100, 101]);
    values.seed('A', 'x', [1], [1], [0]);
    expect(times()).toEqual([1, 2, 100, 101]);
  });
});
