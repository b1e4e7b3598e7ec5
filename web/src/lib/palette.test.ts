import { describe, expect, it } from 'vitest';
import { contrast, dark, light, variables, type Priority } from './palette';

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s palette', (_, c) => {
  const grounds = [c.page, c.card];

  it.each(['text', 'secondary', 'live'] as const)('lets %s be read on page and card (4.5)', (role) => {
    for (const ground of grounds) expect(contrast(c[role], ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['outline', 'focus'] as const)('lets the %s be seen on page and card (3.0)', (role) => {
    for (const ground of grounds) expect(contrast(c[role], ground)).toBeGreaterThanOrEqual(3);
  });

  it.each([1, 2, 3, 4] as Priority[])('shows mark %i by its outline and its digit', (level) => {
    const mark = c.priority[level];
    for (const ground of grounds) expect(contrast(mark.outline, ground)).toBeGreaterThanOrEqual(3);
    expect(contrast(mark.digit, mark.fill)).toBeGreaterThanOrEqual(4.5);
  });

  it('tells the marker from the bar and from the normal band', () => {
    expect(contrast(c.text, c.bar)).toBeGreaterThanOrEqual(3);
    expect(contrast(c.text, c.normal)).toBeGreaterThanOrEqual(3);
  });

  it('becomes CSS variables', () => {
    expect(variables(c)).toMatchObject({ '--page': c.page, '--p1': c.priority[1].fill, '--p3-outline': c.priority[3].outline });
  });
});

it('computes the contrast of black and white as 21', () => {
  expect(contrast('#000000', '#FFFFFF')).toBeCloseTo(21, 5);
});
