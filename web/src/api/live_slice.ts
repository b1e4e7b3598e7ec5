// What the page knows of its connection: a handful of facts that change at most once a second.
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { LinkState, LiveStatus } from './live';

export interface LiveFacts {
  link: LinkState;
  /** Since when the link is in this state, ms since 1970. */
  since: number;
  site: string;
  version: string;
  status: LiveStatus | null;
}

const initialState: LiveFacts = { link: 'connecting', since: Date.now(), site: '', version: '', status: null };

export const live = createSlice({
  name: 'live',
  initialState,
  reducers: {
    linked(state, { payload }: PayloadAction<LinkState>) {
      if (state.link !== payload) Object.assign(state, { link: payload, since: Date.now() });
    },
    greeted(state, { payload }: PayloadAction<Pick<LiveFacts, 'site' | 'version'>>) {
      Object.assign(state, payload);
    },
    told(state, { payload }: PayloadAction<LiveStatus>) {
      state.status = payload;
    },
  },
});
