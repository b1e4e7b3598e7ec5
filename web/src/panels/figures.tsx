// The engine in figures: what came in, where it went, and that nothing was lost on the way.
import { useTranslation } from 'react-i18next';
import { useGetLedgerQuery, useGetStatusQuery, type LedgerRow } from '../api/api';
import { useAppSelector } from '../api/store';
import { formatAge, formatCount, formatDuration } from '../lib/format';
import { parseTime } from '../lib/time';
import { useLocale, useNow } from '../lib/view';
import { Panel } from '../widgets/panel';
import css from './grid.module.css';
import { OFTEN_MS, SELDOM_MS, useOpenAlarms } from './questions';

/** Received and nowhere to be found: the ledger's promise is that this is zero. */
const lost = (row: LedgerRow) => row.received - row.stored - row.duplicate - row.conflict - row.dead_letter - row.rejected - row.in_flight;

export function Figures() {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(1000);
  const asked = useGetLedgerQuery(undefined, { pollingInterval: OFTEN_MS });
  const { data: status } = useGetStatusQuery(undefined, { pollingInterval: SELDOM_MS });
  const live = useAppSelector((s) => s.live.status);
  const { asked: open, alarms } = useOpenAlarms();
  const total = live?.ledger ?? asked.data?.total;
  const count = (n: number | undefined) => (n === undefined ? '–' : formatCount(n, locale));
  const figures: [label: string, value: string, hint?: string][] = [
    [t('figures.stored'), count(total?.stored)],
    [t('figures.lost'), count(total && lost(total)), t('figures.lost_hint')],
    [t('figures.open_alarms'), count(open.data && alarms.length)],
    [t('figures.unacknowledged'), count(open.data && alarms.filter((a) => a.state === 'raised').length)],
    [t('figures.lag'), live?.lag_s === null || live === null ? '–' : formatAge(live.lag_s, locale), t('figures.lag_hint')],
    [t('figures.set_aside'), count(total?.dead_letter), t('figures.set_aside_hint')],
    [t('figures.duplicate'), count(total?.duplicate)],
    [t('figures.conflict'), count(total?.conflict)],
    [t('figures.rejected'), count(total?.rejected)],
    [t('figures.in_flight'), count(total?.in_flight)],
    [t('figures.uptime'), status ? formatDuration((now - parseTime(status.started)) / 1000, locale) : '–'],
  ];
  return (
    <Panel title={t('figures.title')} asked={asked} height={180}>
      <dl className={css.figures} data-testid="figures">
        {figures.map(([label, value, hint]) => (
          <div key={label} title={hint}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={css.note}>{asked.data?.balanced === false ? t('figures.unbalanced') : t('figures.balanced')}</p>
    </Panel>
  );
}
