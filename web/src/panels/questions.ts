// Questions that several panels share, with how often they are asked again.
import { useContext, useEffect, useMemo, useState } from 'react';
import { OPEN_ALARMS, useGetSeriesQuery, useGetStatusQuery, useListAlarmsQuery, type Alarm } from '../api/api';
import { LiveContext } from '../lib/live_context';
import { presetFor, type Range } from '../lib/range';
import { mostUrgentFirst } from '../lib/order';
import { parseTime, toRfc3339 } from '../lib/time';
import { useNow } from '../lib/view';

export const OFTEN_MS = 5_000;
export const SELDOM_MS = 30_000;

/** The open alarms, most urgent first; live events keep the answer current, asking again only repairs. */
export function useOpenAlarms() {
  const asked = useListAlarmsQuery(OPEN_ALARMS, { pollingInterval: OFTEN_MS });
  const alarms = useMemo(() => mostUrgentFirst(asked.data?.alarms ?? []), [asked.data]);
  return { asked, alarms };
}

/** Of each signal its most urgent open alarm. */
export function bySignal(alarms: readonly Alarm[], asset: string): Map<string, Alarm> {
  const worst = new Map<string, Alarm>();
  for (const alarm of alarms) if (alarm.asset === asset && !worst.has(alarm.signal)) worst.set(alarm.signal, alarm);
  return worst;
}

/** What is shown when the address names no range: all that this engine has seen, up to a shift. */
export function useDefaultRange(): Range {
  const { data } = useGetStatusQuery(undefined, { pollingInterval: SELDOM_MS });
  const started = data?.started;
  const now = useNow(10e3);
  const { kind, span } = presetFor(started ? (now - parseTime(started)) / 1000 : 0);
  return useMemo(() => ({ kind, span }), [kind, span]);
}

const PAST_MS = 600e3;

/** Gives the sparklines of an asset their last ten minutes, once. */
export function usePast(asset: string, last_time: string | null): void {
  const values = useContext(LiveContext);
  const [from] = useState(() => (last_time ? toRfc3339(parseTime(last_time) - PAST_MS) : null));
  const { data } = useGetSeriesQuery({ asset, from: from ?? '', max: 200 }, { skip: from === null });
  useEffect(() => {
    for (const s of data?.series ?? []) values.seed(asset, s.signal, s.time, s.last, s.quality);
  }, [data, values, asset]);
}
