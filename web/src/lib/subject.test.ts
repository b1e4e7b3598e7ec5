import { expect, test } from 'vitest';
import { isSource, nameOf } from './subject';

test('an alarm is about a signal, a whole asset or a source', () => {
  expect(nameOf({ asset: 'COMP-001', signal: 'discharge_pressure' })).toBe('COMP-001 discharge pressure');
  expect(nameOf({ asset: 'COMP-001', signal: '*' })).toBe('COMP-001');
  expect(nameOf({ asset: '*', signal: 'well_pad' })).toBe('well_pad');
  expect(isSource({ asset: '*', signal: 'well_pad' })).toBe(true);
  expect(isSource({ asset: 'COMP-001', signal: '*' })).toBe(false);
});
