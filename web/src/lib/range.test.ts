import { describe, expect, it } from 'vitest';
import { around, presetFor, rangeFrom, resolve, shift, spanOf, writeRange, zoom } from './range';
import { formatMoment, fromInput, parseTime, toInput, zoneName } from './time';

const query = (text: string) => new URLSearchParams(text);
const noon = Date.parse('2026-11-21T12:00:00Z');

describe('a range', () => {
  it('comes back from the address as it was written', () => {
    for (const range of [{ kind: 'last', span: '8h' } as const, around(noon)]) {
      expect(rangeFrom(writeRange(query('zone=local&range=5m'), range))).toEqual(range);
      expect(writeRange(query('zone=local'), range).get('zone')).toBe('local');
    }
  });

  it.each([
    '',
    'range=8',
    'range=-8h',
    'range=0h',
    'range=99999d',
    'from=x&to=y',
    'from=2026-11-21T12:00:00Z',
    'from=2026-11-21T12:00:00Z&to=2026-11-21T11:00:00Z',
  ])('ignores an address that makes no sense: %s', (text) => expect(rangeFrom(query(text))).toBeNull());

  it('begins with what the engine has seen, up to a shift', () => {
    expect([20, 90, 400, 3000, 9e6].map((s) => presetFor(s))).toEqual(
      ['1m', '5m', '15m', '1h', '8h'].map((span) => ({ kind: 'last', span })),
    );
  });

  it('moves, zooms and becomes fixed', () => {
    const hour = { kind: 'last', span: '1h' } as const;
    expect(resolve(hour, noon)).toEqual({ from: noon - 3600e3, to: noon });
    expect(shift(hour, noon, -0.5)).toEqual({ kind: 'fixed', from: noon - 5400e3, to: noon - 1800e3 });
    expect(zoom({ kind: 'fixed', from: noon - 3600e3, to: noon }, noon, 0.5)).toEqual({
      kind: 'fixed',
      from: noon - 2700e3,
      to: noon - 900e3,
    });
    expect(zoom(hour, noon, 0.5)).toEqual({ kind: 'last', span: '30m' });
    expect(zoom({ kind: 'last', span: '5m' }, noon, 0.5)).toEqual({ kind: 'last', span: '150s' });
    expect(zoom({ kind: 'last', span: '24h' }, noon, 2)).toEqual({ kind: 'last', span: '2d' });
    expect(zoom({ kind: 'fixed', from: noon, to: noon + 1000 }, noon, 0.001)).toEqual({ kind: 'fixed', from: noon, to: noon + 1000 });
  });

  it('knows its spans', () => {
    expect(spanOf('5m')).toBe(300e3);
    expect(spanOf('5 m')).toBeNull();
  });
});

describe('time', () => {
  it('is read with all digits that a double holds', () => {
    expect(parseTime('2026-11-21T12:00:00.123456789Z')).toBeCloseTo(noon + 123.456789, 3);
    expect(parseTime('2026-11-21T13:00:00+01:00')).toBe(noon);
    expect(parseTime('2026-11-21')).toBeNaN();
    expect(parseTime('2026-11-21T12:00:00')).toBeNaN();
  });

  it('is written year first', () => {
    expect(formatMoment(noon, 'utc', 'de')).toBe('2026-11-21 12:00:00');
    expect(zoneName('utc', 'en', noon)).toBe('UTC');
  });

  it('goes through an input field and back in both zones', () => {
    for (const zone of ['utc', 'local'] as const) expect(fromInput(toInput(noon, zone), zone)).toBe(noon);
  });
});
