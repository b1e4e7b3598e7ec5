// What an alarm or an anomaly is about: a signal, a whole asset, or a source of the site.
import { wordsOf } from './format';

/** The asset of what is about no asset; the signal is then the name of a source. */
export const WHOLE_SITE = '*';
const WHOLE_ASSET = '*';

export interface Subject {
  asset: string;
  signal: string;
}

export const isSource = ({ asset }: Subject) => asset === WHOLE_SITE;

/** "COMP-001 vibration", "COMP-001", or the name of a source. */
export function nameOf(subject: Subject): string {
  if (isSource(subject)) return subject.signal;
  return subject.signal === WHOLE_ASSET ? subject.asset : `${subject.asset} ${wordsOf(subject.signal)}`;
}
