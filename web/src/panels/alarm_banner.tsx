// The most urgent alarm nobody has acknowledged, on every page, with the button that does.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formatDuration } from '../lib/format';
import { nameOf } from '../lib/subject';
import { parseTime } from '../lib/time';
import { useLocale, useNow, useSearchToKeep } from '../lib/view';
import { AlarmMark } from '../widgets/alarm_mark';
import { AcknowledgeButton } from './acknowledge';
import css from './alarm_banner.module.css';
import { Cause, useCause } from './cause';
import { useOpenAlarms } from './questions';

export function AlarmBanner() {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(1000);
  const search = useSearchToKeep();
  const { asked, alarms } = useOpenAlarms();
  const why = useCause();
  const unseen = alarms.filter((a) => a.state === 'raised');
  const first = unseen[0];
  if (!asked.data) return <div className={css.banner} />;
  if (!first) {
    return (
      <div className={css.banner} role="status">
        <span className="secondary">
          {alarms.length === 0 ? t('alarm.none') : <Link to={`/alarms${search}`}>{t('alarm.all_seen', { count: alarms.length })}</Link>}
        </span>
      </div>
    );
  }
  return (
    <section className={css.banner} aria-label={t('alarm.banner')} data-testid="banner">
      <AlarmMark priority={first.priority} unacknowledged />
      <p className={css.words}>
        <Cause of={first} />
        <span className="secondary">
          {`, ${t('alarm.for', { duration: formatDuration((now - parseTime(first.raised.arrival)) / 1000, locale) })}, ${t('alarm.not_acknowledged')}`}
        </span>
      </p>
      <span className="unseen" aria-live={first.priority === 1 ? 'assertive' : 'polite'}>{`${nameOf(first)} ${why(first)}`}</span>
      {unseen.length > 1 && (
        <Link className={css.rest} to={`/alarms${search}`}>
          {t('alarm.more', { count: unseen.length - 1 })}
        </Link>
      )}
      <AcknowledgeButton alarm={first} short />
    </section>
  );
}
