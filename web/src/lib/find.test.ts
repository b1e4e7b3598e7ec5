import { expect, test } from 'vitest';
import { findAsset } from './find';

const names = ['XCOMP-00', 'COMP-001', 'COMP-0', 'FERM-01'];

test('the whole name, then how it begins, then what it holds', () => {
  expect(findAsset(names, 'comp-0')).toBe('COMP-0');
  expect(findAsset(names, 'comp-00')).toBe('COMP-001');
  expect(findAsset(names, ' rm-01 ')).toBe('FERM-01');
  expect(findAsset(names, '')).toBeUndefined();
  expect(findAsset(names, 'pump')).toBeUndefined();
});
