// The one store, and the live connection that feeds it. High-rate values pass by: they live in `values`.
import { configureStore } from '@reduxjs/toolkit';
import { useDispatch, useSelector } from 'react-redux';
import { LiveValues } from '../lib/live_values';
import { api, applyAlarm } from './api';
import { LiveConnection } from './live';
import { live } from './live_slice';

export const values = new LiveValues();

/** When the newest value came, in ms of performance.now(); NaN before the first. */
export const freshness = { data_at: NaN };

export function makeStore() {
  return configureStore({
    reducer: { [api.reducerPath]: api.reducer, live: live.reducer },
    middleware: (standard) => standard().concat(api.middleware),
  });
}

export type Store = ReturnType<typeof makeStore>;
export type State = ReturnType<Store['getState']>;
export const useAppDispatch = useDispatch.withTypes<Store['dispatch']>();
export const useAppSelector = useSelector.withTypes<State>();

// a storm of events becomes one question each two seconds
const ASK_AT_MOST_EACH_MS = 2000;

export function connect(store: Store, url = `${location.origin.replace(/^http/, 'ws')}/api/v1/live`): LiveConnection {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const askSoon = () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      store.dispatch(api.util.invalidateTags(['Assets', 'Signals', 'Statistics', 'Anomalies', 'Alarms']));
    }, ASK_AT_MOST_EACH_MS);
  };
  const connection = new LiveConnection(url, values, {
    link: (state) => store.dispatch(live.actions.linked(state)),
    hello: (site, version, flag_names) => {
      values.flag_names = flag_names;
      store.dispatch(live.actions.greeted({ site, version }));
    },
    status: (status) => {
      if (status.data_age_s !== null) freshness.data_at = performance.now() - status.data_age_s * 1000;
      store.dispatch(live.actions.told(status));
    },
    alarm: (transition, alarm) => {
      store.dispatch(applyAlarm(alarm) as never);
      if (transition !== 'updated') askSoon();
    },
    anomaly: () => {
      askSoon();
    },
    data: (unknown) => {
      freshness.data_at = performance.now();
      if (unknown) askSoon();
    },
    lost: () => store.dispatch(api.util.invalidateTags(['Assets', 'Signals', 'Series', 'Statistics', 'Anomalies', 'Alarms', 'Engine'])),
  });
  connection.start();
  return connection;
}
