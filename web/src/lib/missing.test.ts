import { describe, expect, it } from 'vitest';
import { missingOf, type Gap } from './missing';

const gap = (more: Partial<Gap>): Gap => ({
  place: 'history', count: 7, reason: 'checksum',
  begin: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', asset: null, signal: null, ...more,
}); // prettier-ignore
const begin = Date.parse('2026-01-01T00:00:00Z');
const end = Date.parse('2026-01-01T01:00:00Z');
const of = (gaps: Gap[], signal: string | null = 'flow', from = begin - 1, to = end + 1) => missingOf(gaps, 'P-1', signal, from, to);

describe('what is missing', () => {
  it('is what journal and history lost of this signal, or of all', () => {
    expect(of([gap({})])).toEqual([{ from: begin, to: end, readings: 7, reason: 'checksum' }]);
    expect(of([gap({ place: 'journal', asset: 'P-1', signal: 'flow' })])).toHaveLength(1);
    expect(of([gap({ asset: 'P-2' }), gap({ asset: 'P-1', signal: 'level' })])).toEqual([]);
    expect(of([gap({ asset: 'P-1', signal: 'level' })], null), 'of the asset as a whole').toHaveLength(1);
  });

  it('is not what a sink did not get, nor what nobody knows the time of', () => {
    expect(of([gap({ place: 'influx' }), gap({ begin: null, end: null })])).toEqual([]);
  });

  it('is a moment where only one end is known, and only what the window touches', () => {
    expect(of([gap({ end: null })])).toEqual([{ from: begin, to: begin, readings: 7, reason: 'checksum' }]);
    expect(of([gap({})], 'flow', end + 1, end + 2)).toEqual([]);
    expect(of([gap({})], 'flow', end, end + 2)).toHaveLength(1);
  });
});
