// Where a thing on the screen leads.
import { around, writeRange } from '../lib/range';
import type { Zone } from '../lib/time';

/** The asset's page with one signal drawn half an hour around a moment. */
export function trendLink(asset: string, signal: string, at: number, zone: Zone): string {
  const query = writeRange(new URLSearchParams({ zone }), around(at));
  if (signal !== '*') query.append('signal', signal);
  return `/asset/${encodeURIComponent(asset)}?${query}`;
}
