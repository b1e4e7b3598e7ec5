import { emptyApi as api } from "./empty";
const injectedRtkApi = api.injectEndpoints({
  endpoints: (build) => ({
    listAssets: build.query<ListAssetsApiResponse, ListAssetsApiArg>({
      query: () => ({ url: `/api/v1/assets` }),
    }),
    getAsset: build.query<GetAssetApiResponse, GetAssetApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/assets/${encodeURIComponent(String(queryArg.asset))}`,
      }),
    }),
    listSignals: build.query<ListSignalsApiResponse, ListSignalsApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/signals`,
        params: {
          asset: queryArg.asset,
        },
      }),
    }),
    getSeries: build.query<GetSeriesApiResponse, GetSeriesApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/series`,
        params: {
          asset: queryArg.asset,
          signal: queryArg.signal,
          from: queryArg["from"],
          to: queryArg.to,
          max: queryArg.max,
          format: queryArg.format,
        },
      }),
    }),
    getStatistics: build.query<GetStatisticsApiResponse, GetStatisticsApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/statistics`,
        params: {
          asset: queryArg.asset,
          from: queryArg["from"],
          to: queryArg.to,
        },
      }),
    }),
    listAnomalies: build.query<ListAnomaliesApiResponse, ListAnomaliesApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/anomalies`,
        params: {
          from: queryArg["from"],
          to: queryArg.to,
          asset: queryArg.asset,
          signal: queryArg.signal,
          limit: queryArg.limit,
          cursor: queryArg.cursor,
        },
      }),
    }),
    listAlarms: build.query<ListAlarmsApiResponse, ListAlarmsApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/alarms`,
        params: {
          state: queryArg.state,
          asset: queryArg.asset,
          signal: queryArg.signal,
          priority: queryArg.priority,
          from: queryArg["from"],
          to: queryArg.to,
          limit: queryArg.limit,
          cursor: queryArg.cursor,
        },
      }),
    }),
    getAlarm: build.query<GetAlarmApiResponse, GetAlarmApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/alarms/${encodeURIComponent(String(queryArg.id))}`,
      }),
    }),
    acknowledgeAlarm: build.mutation<
      AcknowledgeAlarmApiResponse,
      AcknowledgeAlarmApiArg
    >({
      query: (queryArg) => ({
        url: `/api/v1/alarms/${encodeURIComponent(String(queryArg.id))}/acknowledge`,
        method: "POST",
        body: queryArg.acknowledgement,
      }),
    }),
    listGaps: build.query<ListGapsApiResponse, ListGapsApiArg>({
      query: (queryArg) => ({
        url: `/api/v1/gaps`,
        params: {
          limit: queryArg.limit,
        },
      }),
    }),
    getLedger: build.query<GetLedgerApiResponse, GetLedgerApiArg>({
      query: () => ({ url: `/api/v1/ledger` }),
    }),
    listSources: build.query<ListSourcesApiResponse, ListSourcesApiArg>({
      query: () => ({ url: `/api/v1/sources` }),
    }),
    getStatus: build.query<GetStatusApiResponse, GetStatusApiArg>({
      query: () => ({ url: `/api/v1/status` }),
    }),
  }),
  overrideExisting: false,
});
export { injectedRtkApi as generatedApi };
export type ListAssetsApiResponse =
  /** status 200 The assets of the site, undeclared ones among them */ AssetList;
export type ListAssetsApiArg = void;
export type GetAssetApiResponse = /** status 200 The asset */ Asset;
export type GetAssetApiArg = {
  asset: string;
};
export type ListSignalsApiResponse =
  /** status 200 The signals of one asset, or of all */ SignalList;
export type ListSignalsApiArg = {
  asset?: string;
};
export type GetSeriesApiResponse =
  /** status 200 Columns per signal. CSV has the header `time,asset,signal,first,min,max,last,count,quality,flags` */ SeriesAnswer;
export type GetSeriesApiArg = {
  asset: string;
  /** Repeat for several; left out, all signals of the asset (at most 64) */
  signal?: string[];
  /** Event time, RFC 3339, inclusive. Left out, the beginning (series and statistics, 1 h before `to`) */
  from?: string;
  /** Event time, RFC 3339, exclusive. Left out, now */
  to?: string;
  /** Most buckets per signal */
  max?: number;
  format?: "json" | "csv";
};
export type GetStatisticsApiResponse =
  /** status 200 One row per signal; bad readings count but enter no minimum, maximum, mean or deviation */ StatisticsAnswer;
export type GetStatisticsApiArg = {
  asset?: string;
  /** Event time, RFC 3339, inclusive. Left out, the beginning (series and statistics, 1 h before `to`) */
  from?: string;
  /** Event time, RFC 3339, exclusive. Left out, now */
  to?: string;
};
export type ListAnomaliesApiResponse =
  /** status 200 A page of anomalies */ AnomalyPage;
export type ListAnomaliesApiArg = {
  /** Event time, RFC 3339, inclusive. Left out, the beginning (series and statistics, 1 h before `to`) */
  from?: string;
  /** Event time, RFC 3339, exclusive. Left out, now */
  to?: string;
  asset?: string;
  signal?: string;
  /** Rows per page; 100 when left out (the fermenter's routes 1000) */
  limit?: number;
  /** The next_cursor of the page before */
  cursor?: string;
};
export type ListAlarmsApiResponse =
  /** status 200 A page of alarms */ AlarmPage;
export type ListAlarmsApiArg = {
  state?: "open" | "history" | "all";
  asset?: string;
  signal?: string;
  priority?: number;
  /** Event time, RFC 3339, inclusive. Left out, the beginning (series and statistics, 1 h before `to`) */
  from?: string;
  /** Event time, RFC 3339, exclusive. Left out, now */
  to?: string;
  /** Rows per page; 100 when left out (the fermenter's routes 1000) */
  limit?: number;
  /** The next_cursor of the page before */
  cursor?: string;
};
export type GetAlarmApiResponse = /** status 200 The alarm */ Alarm;
export type GetAlarmApiArg = {
  id: string;
};
export type AcknowledgeAlarmApiResponse =
  /** status 200 The alarm as it is now */ Alarm;
export type AcknowledgeAlarmApiArg = {
  id: string;
  acknowledgement: Acknowledgement;
};
export type ListGapsApiResponse = /** status 200 The gap records */ GapList;
export type ListGapsApiArg = {
  /** Rows per page; 100 when left out (the fermenter's routes 1000) */
  limit?: number;
};
export type GetLedgerApiResponse =
  /** status 200 The ledger since the engine's data folder was made */ Ledger;
export type GetLedgerApiArg = void;
export type ListSourcesApiResponse =
  /** status 200 The sources by name */ SourceList;
export type ListSourcesApiArg = void;
export type GetStatusApiResponse =
  /** status 200 Version, uptime, journal, disk and what a person should know */ Status;
export type GetStatusApiArg = void;
export type Priority = number;
export type CauseWords = {
  code:
    | "above_limit"
    | "below_limit"
    | "expected"
    | "deviations"
    | "silent"
    | "no_rule";
  /** The words in its places, as they stand in the sentence: signal, value, limit, low, high, deviations, who, silence, usual; quality where the reading is doubtful */
  values: {
    [key: string]: string;
  };
} | null;
export type Time = string;
export type Moment = {
  event: Time;
  arrival: Time;
};
export type Acknowledged = {
  event: Time;
  arrival: Time;
  name: string;
  note: string;
};
export type Alarm = {
  /** Hash of asset, signal, rule and the time it was raised */
  id: string;
  /** `*` when the alarm is about a source of the site: `signal` is then the source's name */
  asset: string;
  area: string | null;
  /** `*` when the whole asset is meant */
  signal: string;
  rule: string;
  priority: Priority;
  /** acknowledged: still there, somebody has seen it. A cleared alarm may have been acknowledged or not: see `acknowledged` */
  state: "raised" | "acknowledged" | "cleared";
  /** One sentence for a person */
  cause: string;
  cause_words: CauseWords;
  /** Newest value while open, the last one after clearing */
  value: number | null;
  /** In the signal's unit where the rule has one, else null */
  limit: number | null;
  unit: string | null;
  /** Anomalies that this alarm stands for */
  count: number;
  raised: Moment;
  updated: Moment;
  acknowledged: Acknowledged | null;
  cleared: Moment | null;
};
export type Asset = {
  asset: string;
  type: string;
  area: string | null;
  /** waiting: nothing has come yet. running: readings come. stopped: they come, and the machine stands still. silent: they came and stopped coming */
  state: "waiting" | "running" | "stopped" | "silent";
  /** Most urgent open alarm */
  worst_alarm: Alarm | null;
  /** Open alarms of priority 1, 2, 3, 4 */
  open_alarms: number[];
  /** Open alarms nobody has acknowledged */
  unacknowledged: number;
  /** Good readings among those of the last hour (arrival), 1 = all; null when there are none */
  good_share: number | null;
  /** Event time of the newest reading */
  last_time: Time | null;
  last_arrival: Time | null;
  /** How many signals it has */
  signals: number;
};
export type AssetList = {
  assets: Asset[];
};
export type Error = {
  error: {
    /** A word for programs */
    kind: string;
    /** What was tried, on what, with which value */
    message: string;
    /** What to do */
    hint?: string;
    /** Also in the header X-Request-Id and in the log */
    request_id: string;
  };
};
export type Band = {
  low: number | null;
  high: number | null;
};
export type NormalBand = {
  low: number | null;
  high: number | null;
  /** declared by machine type or site file, or learned by a detector from the past */
  origin: "declared" | "learned";
};
export type Limit = {
  rule: string;
  side: "high" | "low";
  value: number;
  priority: Priority;
};
export type Quality = "good" | "uncertain" | "bad";
export type Latest = {
  time: Time;
  arrival: Time;
  /** Null when the source sent no number */
  value: number | null;
  quality: Quality;
  /** Reasons: range, stuck, rate, spike, late, future, conflict ... */
  flags: string[];
};
export type Signal = {
  asset: string;
  signal: string;
  unit: string | null;
  description: string | null;
  /** What the instrument can show */
  range: Band | null;
  normal: NormalBand | null;
  limits: Limit[];
  latest: Latest | null;
};
export type SignalList = {
  signals: Signal[];
};
export type Series = {
  asset: string;
  signal: string;
  unit: string | null;
  /** Width of a bucket; 0: each entry is one reading */
  bucket_ms: number;
  /** Beginning of the bucket, or the reading's time */
  time: number[];
  first: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
  count: number[];
  /** Worst in the bucket: 0 good, 1 uncertain, 2 bad */
  quality: number[];
  /** All reason bits in the bucket, named by flag_names */
  flags: number[];
};
export type SeriesAnswer = {
  from: Time;
  to: Time;
  /** Name of bit 0, 1, 2 ... in `flags` */
  flag_names: string[];
  series: Series[];
};
export type Statistics = {
  asset: string;
  signal: string;
  unit: string | null;
  count: number;
  good_share: number | null;
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Of the sample (n - 1) */
  deviation: number | null;
  /** Readings judged abnormal; an anomaly that lasts has many */
  anomalies: number;
};
export type StatisticsAnswer = {
  from: Time;
  to: Time;
  statistics: Statistics[];
};
export type Anomaly = {
  id: string;
  asset: string;
  /** `*` when the whole asset is meant */
  signal: string;
  rule: string;
  time: Time;
  arrival: Time;
  value: number | null;
  unit: string | null;
  /** Where the value should have been */
  expected: Band | null;
  /** From 0.5 on it is an anomaly: |statistic| / (|statistic| + limit) */
  score: number;
  /** What the detector measured */
  statistic: number | null;
  /** What the statistic was held against */
  limit: number | null;
  /** Probability of so large a statistic in healthy data, by the detector's theory; null where it has none. The limit also follows what healthy readings were seen to do, so it may lie further out */
  p_value: number | null;
  /** The reading it rests on was not good */
  doubtful: boolean;
  cause: string;
  cause_words: CauseWords;
};
export type AnomalyPage = {
  anomalies: Anomaly[];
  next_cursor: string | null;
};
export type AlarmPage = {
  alarms: Alarm[];
  /** All open alarms of priority 1, 2, 3, 4, whatever the filter */
  open: number[];
  unacknowledged: number;
  next_cursor: string | null;
};
export type Acknowledgement = {
  /** Who has seen it */
  name: string;
  note?: string;
};
export type Gap = {
  /** `journal`, `history`, or the name of a sink */
  place: string;
  /** Number of the first input, inclusive */
  from: number;
  /** inclusive */
  to: number;
  /** Readings, anomalies and alarm changes in it, 0 where nobody knows */
  count: number;
  reason: string;
  at: Time;
  /** Readings are missing from here on; null where that is not known */
  begin: Time | null;
  /** Up to here */
  end: Time | null;
  /** Whose readings they were; null: any */
  asset: string | null;
  signal: string | null;
};
export type GapList = {
  gaps: Gap[];
};
export type LedgerRow = {
  received: number;
  stored: number;
  duplicate: number;
  conflict: number;
  dead_letter: number;
  rejected: number;
  in_flight: number;
};
export type Ledger = {
  /** The sum holds for every row */
  balanced: boolean;
  total: LedgerRow;
  sources: ({
    source: string;
  } & LedgerRow)[];
};
export type Source = {
  name: string;
  kind: string;
  state:
    "starting" | "connected" | "reconnecting" | "paused" | "ended" | "failed";
  /** Why, in words, when it is not connected */
  detail: string | null;
  /** Arrival */
  last_message: Time | null;
  /** Readings per second, over the last 10 s */
  rate: number;
  /** Arrival minus event time of the newest reading */
  lag_s: number | null;
  /** Topics that nothing maps */
  unmapped: string[];
};
export type SourceList = {
  sources: Source[];
};
export type Status = {
  site: string;
  version: string;
  started: Time;
  now: Time;
  uptime_s: number;
  ready: boolean;
  read_only: boolean;
  journal: {
    last_sequence: number;
    bytes: number;
  };
  disk: {
    free_bytes: number;
    total_bytes: number;
    /** What the data folder takes */
    store_bytes: number;
    /** What it may take, `store.max_bytes`; 0: no bound */
    store_limit_bytes: number;
    /** Files of its oldest days that went since the start because of that bound */
    files_gone: number;
    state: "ok" | "warning" | "read_only";
  };
  /** What a person should know, such as a source whose clock is two hours ahead */
  notices: {
    kind: string;
    message: string;
    hint: string;
  }[];
};
export const {
  useListAssetsQuery,
  useGetAssetQuery,
  useListSignalsQuery,
  useGetSeriesQuery,
  useGetStatisticsQuery,
  useListAnomaliesQuery,
  useListAlarmsQuery,
  useGetAlarmQuery,
  useAcknowledgeAlarmMutation,
  useListGapsQuery,
  useGetLedgerQuery,
  useListSourcesQuery,
  useGetStatusQuery,
} = injectedRtkApi;
