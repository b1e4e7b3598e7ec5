// Instants as people read them, in UTC or in the browser's zone. Milliseconds since 1970 inside, RFC 3339 at the border.

export type Zone = 'utc' | 'local';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}/${zone}/${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, hourCycle: 'h23', ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) });
    formats.set(key, made);
  }
  return made;
}

const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const day: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' };

export function formatClock(ms: number, zone: Zone, locale: string): string {
  return format(locale, zone, clock).format(ms);
}

/** The year first wherever the reader is: 2026-11-21 12:00:09 cannot be misread. */
export function formatMoment(ms: number, zone: Zone, locale: string): string {
  const parts = Object.fromEntries(
    format('en-GB', zone, day)
      .formatToParts(ms)
      .map((p) => [p.type, p.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day} ${formatClock(ms, zone, locale)}`;
}

/** The clock alone for today, with the day otherwise. */
export function formatNear(ms: number, now: number, zone: Zone, locale: string): string {
  return Math.abs(now - ms) < 20 * 3600e3 ? formatClock(ms, zone, locale) : formatMoment(ms, zone, locale);
}

/** "UTC", or the browser's zone as "GMT+1", "CET". */
export function zoneName(zone: Zone, locale: string, at: number): string {
  if (zone === 'utc') return 'UTC';
  const part = format(locale, zone, { timeZoneName: 'short' })
    .formatToParts(at)
    .find((p) => p.type === 'timeZoneName');
  return part?.value ?? '';
}

/** RFC 3339 to milliseconds; digits beyond the microsecond do not fit a double and are dropped. NaN when it is no time. */
export function parseTime(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.exec(text);
  if (!match) return NaN;
  const [, whole, fraction, offset] = match;
  return Date.parse(`${whole?.replace(' ', 'T')}${offset?.toUpperCase()}`) + (fraction ? Number(fraction) * 1000 : 0);
}

export function toRfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

const pad = (n: number) => String(n).padStart(2, '0');

/** For <input type="datetime-local" step="1">, which knows no zone. */
export function toInput(ms: number, zone: Zone): string {
  if (zone === 'utc') return toRfc3339(ms).slice(0, 19);
  const d = new Date(ms);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

export function fromInput(text: string, zone: Zone): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}
