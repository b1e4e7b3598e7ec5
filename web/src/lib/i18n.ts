// The languages of the page. English is in the first load, others come when chosen.
import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../locales/en.json';
import { recall, remember } from './remember';

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const isLanguage = (text: string | null | undefined): text is Language => text !== null && text !== undefined && text in LANGUAGES;

/** What was chosen before, else the first of the browser's languages that we speak, else English. */
export function preferred(languages: readonly string[] = navigator.languages): Language {
  const kept = recall('language');
  if (isLanguage(kept)) return kept;
  return languages.map((l) => l.slice(0, 2)).find(isLanguage) ?? 'en';
}

export async function startI18n(language: Language): Promise<i18n> {
  await i18next
    .use(initReactI18next)
    .init({ lng: 'en', fallbackLng: 'en', resources: { en: { translation: en } }, interpolation: { escapeValue: false } });
  await speak(language, false);
  return i18next;
}

export async function speak(language: Language, keep = true): Promise<void> {
  if (language === 'de') i18next.addResourceBundle('de', 'translation', (await import('../locales/de.json')).default);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  if (keep) remember('language', language);
}
