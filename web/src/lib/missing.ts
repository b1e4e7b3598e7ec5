// Times in which readings are missing because they were lost, not because none came.
import { parseTime } from './time';

/** As GET /api/v1/gaps lists it. */
export interface Gap {
  place: string;
  count: number;
  reason: string;
  begin: string | null; // null: not known
  end: string | null;
  asset: string | null; // null: any
  signal: string | null;
}

export interface Missing {
  from: number; // ms
  to: number;
  readings: number; // 0: nobody knows how many
  reason: string;
}

/** What of an asset, or of one of its signals, is lost within [from, to]; what was not delivered to a sink is not. */
export function missingOf(gaps: Gap[], asset: string, signal: string | null, from: number, to: number): Missing[] {
  return gaps
    .filter((g) => g.place === 'journal' || g.place === 'history')
    .filter((g) => g.asset === null || g.asset === asset)
    .filter((g) => signal === null || g.signal === null || g.signal === signal)
    .filter((g) => g.begin !== null || g.end !== null)
    .map((g) => ({
      from: parseTime(g.begin ?? g.end ?? ''),
      to: parseTime(g.end ?? g.begin ?? ''),
      readings: g.count,
      reason: g.reason,
    }))
    .filter((m) => m.to >= from && m.from <= to)
    .sort((a, b) => a.from - b.from);
}
