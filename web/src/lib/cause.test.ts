import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { causeText, type Told } from './cause';
import { speak, startI18n } from './i18n';

beforeAll(async () => void (await startI18n('en')));
const limit: Told = {
  cause: 'vibration 6.94 mm/s above limit 6 mm/s',
  cause_words: { code: 'above_limit', values: { signal: 'vibration', value: '6.94 mm/s', limit: '6 mm/s' } },
};
const say = (told: Told, locale: string) => causeText(told, i18next.t, locale);

describe('a cause', () => {
  it('is the engine’s own sentence in English', async () => {
    await speak('en', false);
    expect(say(limit, 'en')).toBe(limit.cause);
    const expected = { code: 'expected', values: { signal: 'flow', value: '6.4 m3/h', low: '1.9', high: '3.1 m3/h' } };
    expect(say({ cause: '', cause_words: expected }, 'en')).toBe('flow 6.4 m3/h, expected 1.9 to 3.1 m3/h');
  });

  it('is said in German, with German figures', async () => {
    await speak('de', false);
    expect(say(limit, 'de')).toBe('vibration 6,94 mm/s über Grenze 6 mm/s');
    const off = {
      code: 'deviations',
      values: { signal: 'temp', value: '-66.70 degC', deviations: '14.2', limit: '5.1', quality: 'bad: stuck' },
    };
    expect(say({ cause: '', cause_words: off }, 'de')).toBe(
      'temp -66,70 °C, 14,2 Abweichungen daneben, Grenze 5,1 (zweifelhaft: der Messwert ist bad: stuck)',
    );
    const silent = { code: 'silent', values: { who: 'source wellpad', silence: '3 min 20 s', usual: '28 s' } };
    expect(say({ cause: '', cause_words: silent }, 'de')).toBe('Quelle wellpad stumm seit 3 min 20 s, üblich sind höchstens 28 s');
  });

  it('falls back to the text: no words, or a sentence of a newer engine', () => {
    expect(say({ cause: 'as it is', cause_words: null }, 'de')).toBe('as it is');
    expect(say({ cause: 'as it is', cause_words: { code: 'moon_phase', values: {} } }, 'de')).toBe('as it is');
  });

  it('leaves names alone that look like places of the sentence', async () => {
    await speak('en', false);
    const odd = { code: 'below_limit', values: { signal: '{{limit}}', value: 'abc', limit: '1e-7' } };
    expect(say({ cause: '', cause_words: odd }, 'en')).toBe('{{limit}} abc below limit 1e-7');
  });
});
