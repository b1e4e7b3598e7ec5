// Whether what is on the screen is now: a shape and a word, grey as long as all is well.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatAge } from '../lib/format';
import { useLocale } from '../lib/view';

interface Props {
  link: 'connecting' | 'live' | 'stale' | 'offline';
  /** When the link came into this state, ms since 1970. */
  since: number;
  read_only: boolean;
  /** The engine says that nothing has come yet. */
  waiting: boolean;
  /** When the newest data came, ms of performance.now(); NaN before the first. */
  dataAt: () => number;
}

const OLD_S = 10;

export function ConnectionLamp({ link, since, read_only, waiting, dataAt }: Props) {
  const { t } = useTranslation();
  const locale = useLocale();
  const words = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const say = (): string => {
      const age_s = (performance.now() - dataAt()) / 1000;
      const lasting = formatAge((Date.now() - since) / 1000, locale);
      if (link === 'connecting') return t('link.connecting');
      if (link === 'stale') return t('link.stale', { age: lasting });
      if (link === 'offline') return t('link.offline', { age: lasting });
      if (read_only) return t('link.read_only');
      if (Number.isNaN(age_s)) return waiting ? t('link.live_waiting') : t('link.live');
      if (age_s > OLD_S) return t('link.no_data', { age: formatAge(age_s, locale) });
      return `${t('link.live')} ${formatAge(age_s, locale)}`;
    };
    const write = () => {
      if (words.current) words.current.textContent = say();
    };
    write();
    const timer = setInterval(write, 250);
    return () => clearInterval(timer);
  }, [t, locale, link, since, read_only, waiting, dataAt]);
  const well = link === 'live' && !read_only;
  return (
    <span
      data-testid="lamp"
      data-link={link}
      style={{ display: 'inline-flex', alignItems: 'center', gap: 6, whiteSpace: 'nowrap', fontWeight: well ? 400 : 650 }}
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden>
        {well ? (
          <circle cx="6" cy="6" r="5" fill="var(--outline)" />
        ) : (
          <path d="M1 1h10v10H1z" fill="none" stroke="var(--text)" strokeWidth="2" />
        )}
      </svg>
      <span ref={words} className="number" />
    </span>
  );
}
