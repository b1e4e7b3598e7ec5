import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import de from '../locales/de.json';
import en from '../locales/en.json';
import { preferred } from './i18n';

function flat(tree: object, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(path + key, value);
    else for (const [deeper, text] of flat(value as object, `${path}${key}.`)) all.set(deeper, text);
  }
  return all;
}
const english = flat(en);
const german = flat(de);
const placeholders = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return sources(`${folder}/${entry.name}`);
    return /\.tsx?$/.test(entry.name) && !/test/.test(entry.name) ? [readFileSync(`${folder}/${entry.name}`, 'utf8')] : [];
  });
}

describe('the languages', () => {
  it('say the same things', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('leave no text empty and lose no placeholder', () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe('');
      expect(placeholders(german.get(key) ?? ''), key).toEqual(placeholders(text));
    }
  });

  it('say nothing that no screen shows', () => {
    const code = sources('src').join('\n');
    const unused = [...english.keys()].filter((key) => {
      const base = key.replace(/_(one|other)$/, '');
      return (
        !code.includes(`'${base}'`) &&
        !code.includes(`\`${base.replace(/[^.]+$/, '')}\${`) &&
        !code.includes(`\`${base.replace(/(_)[^_]+$/, '$1')}\${`)
      );
    });
    expect(unused).toEqual([]);
  });

  it('keep inner words off the screen', () => {
    for (const text of [...english.values(), ...german.values()]) expect(text).not.toMatch(/\b(lane|receipt|chunk|finding)s?\b/i);
  });
});

describe('the preferred language', () => {
  it('is the first of the browser that we speak, else English', () => {
    expect(preferred(['fr-FR', 'de-CH', 'en'])).toBe('de');
    expect(preferred(['fr-FR'])).toBe('en');
  });

  it('is what was chosen before', () => {
    localStorage.setItem('telltale.language', 'de');
    expect(preferred(['en-US'])).toBe('de');
    localStorage.clear();
  });
});
