// What the address says about the screen: time range and zone. Following a link shows the same thing.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { rangeFrom, resolve, spanOf, writeRange, type Range } from './range';
import { recall, remember } from './remember';
import { toRfc3339, type Zone } from './time';

export function useLocale(): string {
  return useTranslation().i18n.language;
}

export function useZone(): [Zone, (zone: Zone) => void] {
  const [query, setQuery] = useSearchParams();
  const zone: Zone = (query.get('zone') ?? recall('zone')) === 'local' ? 'local' : 'utc';
  const set = useCallback(
    (next: Zone) => {
      remember('zone', next);
      setQuery((old) => withParam(old, 'zone', next), { replace: true });
    },
    [setQuery],
  );
  return [zone, set];
}

function withParam(query: URLSearchParams, key: string, value: string): URLSearchParams {
  const next = new URLSearchParams(query);
  next.set(key, value);
  return next;
}

/** The range of the address, else `fallback`; setting it adds to the history, so that Back works. */
export function useRange(fallback: Range): [Range, (range: Range) => void] {
  const [query, setQuery] = useSearchParams();
  const text = query.toString();
  const range = useMemo(() => rangeFrom(new URLSearchParams(text)), [text]);
  const set = useCallback((next: Range) => setQuery((old) => writeRange(old, next)), [setQuery]);
  return [range ?? fallback, set];
}

/** Keeps range and zone when going to another page. */
export function useSearchToKeep(): string {
  const [query] = useSearchParams();
  const kept = new URLSearchParams();
  for (const key of ['range', 'from', 'to', 'zone']) {
    const value = query.get(key);
    if (value) kept.set(key, value);
  }
  const text = kept.toString();
  return text ? `?${text}` : '';
}

/** Milliseconds since 1970, moving on every `step_ms`. */
export function useNow(step_ms: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step_ms);
    return () => clearInterval(timer);
  }, [step_ms]);
  return now;
}

/** The window to ask for: a fixed one as it is, a relative one moving in steps that one can just see. */
export function useWindow(range: Range): { from: number; to: number; live: boolean } {
  const span = range.kind === 'last' ? (spanOf(range.span) ?? 3600e3) : 0;
  const step = Math.min(60e3, Math.max(2e3, span / 150));
  const now = useNow(step);
  return useMemo(
    () => ({ ...resolve(range, Math.ceil(now / step) * step), live: range.kind === 'last' || range.to > now }),
    [range, now, step],
  );
}

/** What is asked of the engine moves on more rarely than what is seen: a tenth of the window at a time. */
export function useAskedSpan(range: Range): { from: string; to?: string } {
  const span = range.kind === 'last' ? resolve(range, 0).to - resolve(range, 0).from : 60e3;
  const step = Math.max(10e3, span / 10);
  const now = useNow(step);
  return useMemo(() => {
    if (range.kind === 'fixed') return { from: toRfc3339(range.from), to: toRfc3339(range.to) };
    return { from: toRfc3339(resolve(range, Math.floor(now / step) * step).from) };
  }, [range, now, step]);
}
