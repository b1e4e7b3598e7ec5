// Numbers, shares and names as people read them. Locale is given, never guessed.

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(locale: string, decimals: number, atLeast = decimals): Intl.NumberFormat {
  const key = `${locale}/${decimals}/${atLeast}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: atLeast, maximumFractionDigits: decimals });
    formats.set(key, format);
  }
  return format;
}

/** Decimals that show a hundredth to a thousandth of `span`: 60 psi -> 1, 8 mm/s -> 2, 400 rpm -> 0. */
export function decimalsFor(span: number): number {
  if (!Number.isFinite(span) || span <= 0) return 2;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(span))));
}

/** A measured value with fixed decimals, so that digits do not dance; a missing one is an en dash. */
export function formatValue(value: number | null | undefined, decimals: number, locale: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 0.5 * 10 ** -decimals)) return value.toExponential(2);
  return numberFormat(locale, decimals).format(value);
}

/** As few decimals as the value needs, at most four significant digits behind the point: limits and ranges. */
export function formatShort(value: number | null | undefined, locale: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1e7) return value.toExponential(3).replace(/\.?0*e\+?/, 'e');
  return numberFormat(locale, decimalsFor(Math.abs(value) / 10), 0).format(value);
}

export function formatCount(value: number, locale: string): string {
  return numberFormat(locale, 0).format(value);
}

/** 0.9987 -> "99.8 %": rounded down, so that 100 % means all. */
export function formatShare(share: number | null | undefined, locale: string): string {
  if (share === null || share === undefined) return '–';
  const tenths = Math.floor(share * 1000 + 1e-9);
  return `${numberFormat(locale, 1, tenths % 10 === 0 ? 0 : 1).format(tenths / 10)}\u00a0%`;
}

const SIGNS: Record<string, string> = {
  degC: '°C',
  Cel: '°C',
  degF: '°F',
  '[degF]': '°F',
  '[psi]': 'psi',
  '[pH]': 'pH',
  Ohm: 'Ω',
  um: 'µm',
  '1': '',
};

/** A unit's code as it is written on an instrument: "degC" -> "°C"; the unit one has no sign. */
export function unitSign(code: string | null): string {
  return code === null ? '' : (SIGNS[code] ?? code);
}

/** "discharge_pressure" -> "discharge pressure". */
export function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}

/** The parts of a duration that matter, biggest first, at most two: 3725 -> [[1,'h'],[2,'min']]. */
export function durationParts(seconds: number): [number, 'd' | 'h' | 'min' | 's'][] {
  const whole = Math.max(0, Math.round(seconds));
  const d = Math.floor(whole / 86400);
  const h = Math.floor((whole % 86400) / 3600);
  const min = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  if (d > 0) return h > 0 && d < 10 ? [[d, 'd'], [h, 'h']] : [[d, 'd']]; // prettier-ignore
  if (h > 0) return min > 0 ? [[h, 'h'], [min, 'min']] : [[h, 'h']]; // prettier-ignore
  if (min > 0) return min < 10 && s > 0 ? [[min, 'min'], [s, 's']] : [[min, 'min']]; // prettier-ignore
  return [[s, 's']];
}

/** "21 s", "1 h 2 min"; the unit signs are SI's and the same in all our languages, except the day. */
export function formatDuration(seconds: number, locale: string): string {
  const day = locale.startsWith('de') ? 'Tg.' : 'd';
  return durationParts(seconds)
    .map(([n, unit]) => `${n} ${unit === 'd' ? day : unit}`)
    .join(' ');
}

/** Age in seconds with one decimal below ten: "0.4 s", "12 s", "3 min". */
export function formatAge(seconds: number, locale: string): string {
  return seconds < 10 ? `${numberFormat(locale, 1).format(Math.max(0, seconds))} s` : formatDuration(seconds, locale);
}
