// The colours. Grey is normal; colour means abnormal and appears nowhere else (ISA-101). Contrast is asserted in palette.test.ts.

export type Priority = 1 | 2 | 3 | 4;

/** A mark is fill + shape + digit; a fill that is too close to the card gets an outline. */
export interface MarkColours {
  fill: string;
  digit: string;
  outline: string;
}

export interface Colours {
  page: string;
  card: string;
  text: string;
  secondary: string;
  live: string;
  outline: string;
  divider: string;
  bar: string;
  normal: string;
  focus: string;
  priority: Record<Priority, MarkColours>;
}

const dark_digit = '#1B1F24';
const filled = (fill: string, digit: string): MarkColours => ({ fill, digit, outline: fill });

export const light: Colours = {
  page: '#D9DCE0',
  card: '#EDEFF1',
  text: '#1B1F24',
  secondary: '#434A53',
  live: '#17365D',
  outline: '#6B727B',
  divider: '#C3C8CE',
  bar: '#C3C8CE',
  normal: '#F9FAFB',
  focus: '#0B57D0',
  priority: {
    1: filled('#B3131B', '#FFFFFF'),
    2: filled('#9A4A00', '#FFFFFF'),
    3: { fill: '#F2C200', digit: dark_digit, outline: dark_digit },
    4: filled('#7A2E8C', '#FFFFFF'),
  },
};

export const dark: Colours = {
  page: '#1E2227',
  card: '#2A2F36',
  text: '#E3E6EA',
  secondary: '#A9B0B9',
  live: '#9CC3EE',
  outline: '#7C848E',
  divider: '#3D444D',
  bar: '#434B55',
  normal: '#68727E',
  focus: '#8AB4F8',
  priority: {
    1: filled('#FF6B6B', dark_digit),
    2: filled('#FFA24A', dark_digit),
    3: filled('#FFD84D', dark_digit),
    4: filled('#D9A3E6', dark_digit),
  },
};

/** The CSS variables of one scheme: --page, --card, ... --p1, --p1-digit, --p1-outline ... */
export function variables(colours: Colours): Record<string, string> {
  const { priority, ...plain } = colours;
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(plain)) named[`--${name}`] = value;
  for (const [level, mark] of Object.entries(priority)) {
    named[`--p${level}`] = mark.fill;
    named[`--p${level}-digit`] = mark.digit;
    named[`--p${level}-outline`] = mark.outline;
  }
  return named;
}

/** WCAG 2 contrast ratio of two #RRGGBB colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: string): number {
  const channel = (at: number) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
