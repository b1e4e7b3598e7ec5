// Geometry of a moving analogue indicator: where value, normal band and limits lie on the bar, as fractions 0..1.

interface Band {
  low: number | null;
  high: number | null;
}

interface Measured {
  range: Band | null;
  normal: Band | null;
  limits: { side: 'high' | 'low'; value: number; priority: number }[];
  latest: { value: number | null } | null;
}

export interface Indicator {
  low: number;
  high: number;
  normal: [number, number] | null;
  limits: { at: number; value: number; priority: number; side: 'high' | 'low' }[];
}

/** Null when neither range nor band nor two limits give the bar its ends: then there is only the value. */
export function indicatorOf(signal: Measured): Indicator | null {
  const ends = bounds(signal);
  if (!ends) return null;
  const [low, high] = ends;
  const at = (value: number) => fraction(value, low, high);
  const { normal } = signal;
  return {
    low,
    high,
    normal: normal && (normal.low !== null || normal.high !== null) ? [at(normal.low ?? low), at(normal.high ?? high)] : null,
    limits: signal.limits.map(({ value, priority, side }) => ({ at: at(value), value, priority, side })),
  };
}

export function fraction(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** What matters lies in the middle: normal band and limits with a third of their span around, cut by the instrument's range. */
function bounds({ range, normal, limits }: Measured): [number, number] | null {
  const known = [normal?.low, normal?.high, ...limits.map((l) => l.value)].filter((v): v is number => typeof v === 'number');
  let low = range?.low ?? null;
  let high = range?.high ?? null;
  if (known.length >= 2 && Math.max(...known) > Math.min(...known)) {
    const margin = (Math.max(...known) - Math.min(...known)) / 3;
    low = Math.max(low ?? -Infinity, Math.min(...known) - margin);
    high = Math.min(high ?? Infinity, Math.max(...known) + margin);
  }
  return low !== null && high !== null && Number.isFinite(low) && Number.isFinite(high) && high > low ? [low, high] : null;
}

/** The span that gives a signal its decimals: its bar, else its instrument range, else the size of its newest value. */
export function spanOfSignal(signal: Measured): number {
  const bar = indicatorOf(signal);
  if (bar) return bar.high - bar.low;
  const { range, latest } = signal;
  if (range && range.low !== null && range.high !== null) return range.high - range.low;
  return Math.abs(latest?.value ?? 0);
}
