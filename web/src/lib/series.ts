// From the columns of GET /api/v1/series to what a chart draws: gaps as gaps, live values at the end.

import type { Ring } from './live_values';

export interface Columns {
  bucket_ms: number;
  time: number[];
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
  quality: number[];
}

/** Time in ms; a null breaks the line. */
export interface Drawn {
  time: number[];
  last: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  bad: [from: number, to: number][]; // where the worst quality is bad
}

/** The usual distance of neighbours: their median. NaN with fewer than three. */
export function usualDistance(times: readonly number[]): number {
  if (times.length < 3) return NaN;
  const distances = times.slice(1).map((t, k) => t - (times[k] ?? t));
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? NaN;
}

/** Neighbours further apart than this are not joined: three times the usual distance, at least 2.5 buckets. */
export function gapAfter(columns: Pick<Columns, 'time' | 'bucket_ms'>): number {
  const usual = usualDistance(columns.time);
  return Number.isNaN(usual) ? Infinity : Math.max(3 * usual, 2.5 * columns.bucket_ms);
}

export function drawn(columns: Columns, live?: Ring): Drawn {
  const out: Drawn = { time: [], last: [], min: [], max: [], bad: [] };
  const gap = gapAfter(columns);
  for (let k = 0; k < columns.time.length; ++k) {
    append(
      out,
      gap,
      columns.bucket_ms,
      columns.time[k] ?? NaN,
      columns.last[k] ?? null,
      columns.min[k] ?? null,
      columns.max[k] ?? null,
      columns.quality[k] ?? 0,
    );
  }
  const end = (columns.time.at(-1) ?? -Infinity) + columns.bucket_ms;
  for (let k = 0; live && k < live.length; ++k) {
    if (live.time(k) <= end) continue;
    const value = Number.isNaN(live.value(k)) ? null : live.value(k);
    append(out, gap, 0, live.time(k), value, value, value, live.quality(k));
  }
  return out;
}

function append(
  out: Drawn,
  gap: number,
  width: number,
  time: number,
  last: number | null,
  min: number | null,
  max: number | null,
  quality: number,
) {
  const before = out.time.at(-1);
  const apart = before !== undefined && time - before > gap;
  if (apart) {
    out.time.push((before + time) / 2);
    for (const column of [out.last, out.min, out.max]) column.push(null);
  }
  out.time.push(time);
  out.last.push(last);
  out.min.push(min);
  out.max.push(max);
  if (quality < 2) return;
  const span = out.bad.at(-1);
  const from = apart || before === undefined ? time : Math.max(before, time - (Number.isFinite(gap) ? gap / 3 : 0));
  if (span && span[1] >= from) span[1] = time + width;
  else out.bad.push([from, time + width]);
}
