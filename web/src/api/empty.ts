// The RTK Query service that the generated routes are injected into.
import { createApi, fetchBaseQuery } from '@reduxjs/toolkit/query/react';

/** A list repeats its name: signal=a&signal=b. */
export function queryText(params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) query.append(name, String(one));
  }
  return query.toString();
}

export const emptyApi = createApi({
  reducerPath: 'api',
  baseQuery: fetchBaseQuery({ baseUrl: new URL('/', location.origin).href, timeout: 15000, paramsSerializer: queryText }),
  tagTypes: ['Assets', 'Signals', 'Series', 'Statistics', 'Anomalies', 'Alarms', 'Engine'],
  keepUnusedDataFor: 30,
  endpoints: () => ({}),
});
