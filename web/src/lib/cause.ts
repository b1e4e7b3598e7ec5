// Why something was flagged, in the language of the page: the engine says which sentence it is and the words in its places.
import type { TFunction } from 'i18next';
import { unitSign } from './format';

export interface Told {
  cause: string;
  cause_words: { code: string; values: Record<string, string> } | null;
}

/** "6.4 m3/h" -> "6,4 m3/h": the number as it is written here, its unit as on an instrument. */
function localFigure(text: string, locale: string): string {
  const [, number = '', unit = ''] = /^(-?\d+(?:\.\d+)?)(?: (.*))?$/.exec(text) ?? [];
  if (number === '') return text;
  const decimals = number.split('.')[1]?.length ?? 0;
  const figure = Number(number).toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return unit === '' ? figure : `${figure} ${unitSign(unit)}`;
}

const FIGURES = new Set(['value', 'limit', 'low', 'high', 'deviations']);

/** The engine's own English sentence where it says nothing else, or says what this page does not know yet. */
export function causeText(of: Told, t: TFunction, locale: string): string {
  const words = of.cause_words;
  if (!words) return of.cause;
  const values = Object.fromEntries(
    Object.entries(words.values).map(([name, text]) => [name, FIGURES.has(name) ? localFigure(text, locale) : text]),
  );
  const who = values.who?.startsWith('source ') ? t('cause.source', { name: values.who.slice(7) }) : values.who;
  const sentence = sentenceOf(words.code, t, { ...NOTHING, ...values, who: who ?? '' });
  if (sentence === null) return of.cause;
  return values.quality === undefined ? sentence : `${sentence} ${t('cause.doubtful', { quality: values.quality })}`;
}

const NOTHING = { signal: '', value: '', limit: '', low: '', high: '', deviations: '', silence: '', usual: '', who: '' };

function sentenceOf(code: string, t: TFunction, places: typeof NOTHING): string | null {
  switch (code) {
    case 'above_limit':
      return t('cause.above_limit', places);
    case 'below_limit':
      return t('cause.below_limit', places);
    case 'expected':
      return t('cause.expected', places);
    case 'deviations':
      return t('cause.deviations', places);
    case 'silent':
      return t('cause.silent', places);
    case 'no_rule':
      return t('cause.no_rule');
    default:
      return null;
  }
}
