// The generated routes with their cache rules: what becomes stale when, and how live events reach cached answers.
import type { UnknownAction } from '@reduxjs/toolkit';
import { urgency } from '../lib/order';
import { generatedApi, type Alarm, type AlarmPage, type Asset } from './generated';

export const api = generatedApi.enhanceEndpoints({
  endpoints: {
    listAssets: { providesTags: ['Assets'] },
    getAsset: { providesTags: ['Assets'] },
    listSignals: { providesTags: ['Signals'] },
    getSeries: { providesTags: ['Series'] },
    getStatistics: { providesTags: ['Statistics'] },
    listAnomalies: { providesTags: ['Anomalies'] },
    listAlarms: { providesTags: ['Alarms'] },
    getAlarm: { providesTags: ['Alarms'] },
    acknowledgeAlarm: { invalidatesTags: ['Alarms', 'Assets'] },
    getLedger: { providesTags: ['Engine'] },
    listSources: { providesTags: ['Engine'] },
    getStatus: { providesTags: ['Engine'] },
    listGaps: { providesTags: ['Engine'] },
  },
});

export const {
  useListAssetsQuery,
  useGetAssetQuery,
  useListSignalsQuery,
  useGetSeriesQuery,
  useGetStatisticsQuery,
  useListAnomaliesQuery,
  useListAlarmsQuery,
  useAcknowledgeAlarmMutation,
  useGetLedgerQuery,
  useGetStatusQuery,
  useListSourcesQuery,
  useListGapsQuery,
} = api;

export type { Alarm, AlarmPage, Anomaly, Asset, Gap, LedgerRow, Series, Signal, Source, Statistics } from './generated';

/** The one question for open alarms that all panels share. */
export const OPEN_ALARMS = { state: 'open', limit: 1000 } as const;

/** Puts an alarm's transition into what is cached; the whole alarm travels with the event, so nothing is asked again. */
export function applyAlarm(alarm: Alarm) {
  return (dispatch: (action: UnknownAction) => unknown) => {
    dispatch(api.util.updateQueryData('listAlarms', OPEN_ALARMS, (page) => replaceAlarm(page, alarm)) as unknown as UnknownAction);
    dispatch(
      api.util.updateQueryData('listAssets', undefined, (list) =>
        list.assets.forEach((a) => markAsset(a, alarm)),
      ) as unknown as UnknownAction,
    );
  };
}

export function replaceAlarm(page: AlarmPage, alarm: Alarm): void {
  page.alarms = page.alarms.filter((a) => a.id !== alarm.id);
  if (alarm.state !== 'cleared') page.alarms.unshift(alarm);
  page.open = [1, 2, 3, 4].map((p) => page.alarms.filter((a) => a.priority === p).length);
  page.unacknowledged = page.alarms.filter((a) => a.state === 'raised').length;
}

/** A cleared worst alarm leaves the mark until the next answer names the next worst: never a mark too few. */
export function markAsset(asset: Asset, alarm: Alarm): void {
  if (asset.asset !== alarm.asset) return;
  if (asset.worst_alarm?.id === alarm.id) asset.worst_alarm = alarm.state === 'cleared' ? null : alarm;
  else if (urgency(alarm) < urgency(asset.worst_alarm)) asset.worst_alarm = alarm;
}
