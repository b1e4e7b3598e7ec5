// The time range of the screen. It lives in the address, so that a link shows the same: ?range=8h or ?from=...&to=...

import { parseTime, toRfc3339 } from './time';

export type Range = { kind: 'last'; span: string } | { kind: 'fixed'; from: number; to: number };

export const PRESETS = ['1m', '5m', '15m', '1h', '8h', '24h', '7d', '30d'] as const;
const UNIT_MS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };
const SHORTEST_MS = 1e3;
const LONGEST_MS = 3660 * 86400e3;

/** "8h" -> milliseconds; null when it is no span between 1 s and 10 years. */
export function spanOf(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (!match) return null;
  const ms = Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? NaN);
  return ms >= SHORTEST_MS && ms <= LONGEST_MS ? ms : null;
}

/** What the address says; null when it says nothing that can be used. */
export function rangeFrom(query: URLSearchParams): Range | null {
  const from = parseTime(query.get('from') ?? '');
  const to = parseTime(query.get('to') ?? '');
  if (to - from >= SHORTEST_MS && to - from <= LONGEST_MS) return { kind: 'fixed', from, to };
  const span = query.get('range') ?? '';
  return spanOf(span) === null ? null : { kind: 'last', span };
}

export function writeRange(query: URLSearchParams, range: Range): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const key of ['range', 'from', 'to']) next.delete(key);
  if (range.kind === 'last') next.set('range', range.span);
  else {
    next.set('from', toRfc3339(range.from));
    next.set('to', toRfc3339(range.to));
  }
  return next;
}

/** The smallest preset that shows everything since the engine started, up to a shift of 8 h. */
export function presetFor(uptime_s: number): { kind: 'last'; span: string } {
  const span = PRESETS.slice(0, 5).find((p) => (spanOf(p) ?? 0) >= uptime_s * 1000) ?? '8h';
  return { kind: 'last', span };
}

export function resolve(range: Range, now: number): { from: number; to: number } {
  if (range.kind === 'fixed') return range;
  return { from: now - (spanOf(range.span) ?? 3600e3), to: now };
}

/** Half a window back or forth; a relative range becomes a fixed one. */
export function shift(range: Range, now: number, windows: number): Range {
  const { from, to } = resolve(range, now);
  const by = (to - from) * windows;
  return { kind: 'fixed', from: from + by, to: to + by };
}

function spanText(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((u) => ms % (UNIT_MS[u] ?? NaN) === 0) ?? 's';
  return `${Math.round(ms / (UNIT_MS[unit] ?? 1))}${unit}`;
}

/** factor 0.5 zooms in, 2 zooms out: on the middle of a fixed range; a relative one keeps now in view. */
export function zoom(range: Range, now: number, factor: number): Range {
  if (range.kind === 'last') {
    const span = Math.round(((spanOf(range.span) ?? 3600e3) * factor) / 1e3) * 1e3;
    return { kind: 'last', span: spanText(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span))) };
  }
  const { from, to } = resolve(range, now);
  const half = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor)) / 2;
  const middle = (from + to) / 2;
  return { kind: 'fixed', from: middle - half, to: middle + half };
}

/** Half an hour to both sides: where an alarm is looked at. */
export function around(ms: number): Range {
  return { kind: 'fixed', from: ms - 1800e3, to: ms + 1800e3 };
}
