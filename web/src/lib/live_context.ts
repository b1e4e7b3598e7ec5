// Hands the live values to widgets without letting them know where they come from.
import { createContext, useContext, useEffect, useRef } from 'react';
import { LiveValues, type Ring, type Sample } from './live_values';

export const LiveContext = createContext(new LiveValues());

/** Calls `show` with the newest value, at most once per frame, without rendering anything anew. */
export function useLive(asset: string, signal: string, show: (sample: Sample, ring: Ring) => void): void {
  const values = useContext(LiveContext);
  const newest = useRef(show);
  useEffect(() => {
    newest.current = show;
  });
  useEffect(() => values.listen(asset, signal, (sample, ring) => newest.current(sample, ring)), [values, asset, signal]);
}
