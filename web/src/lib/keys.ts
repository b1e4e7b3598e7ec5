// Keys for those who do not want to leave the keyboard: single letters and two in a row ("g o"). They can be switched off (WCAG 2.1.4).
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { recall, remember } from './remember';

export type Keys = Record<string, () => void>;

const IN_A_ROW_MS = 1500;
const listeners = new Set<() => void>();

export function switchKeys(on: boolean): void {
  remember('keys', on ? 'on' : 'off');
  for (const tell of listeners) tell();
}

export function useKeysOn(): boolean {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => recall('keys') !== 'off',
  );
}

/** Somebody writes, or a dialog has its own keys. */
function isBusy(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return (
    element?.closest('input, textarea, select, [contenteditable], [role="listbox"]') != null ||
    document.querySelector('[role="dialog"]') !== null
  );
}

export function useKeys(keys: Keys): void {
  const on = useKeysOn();
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    if (!on) return;
    let first = { key: '', at: 0 };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const pair = event.timeStamp - first.at < IN_A_ROW_MS ? `${first.key} ${event.key}` : '';
      const act = current.current[pair] ?? current.current[event.key];
      first = { key: event.key, at: event.timeStamp };
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [on]);
}
