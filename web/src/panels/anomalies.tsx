// The newest anomalies of the screen's time range, each with its cause and the way to its trend.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useListAnomaliesQuery, type Anomaly } from '../api/api';
import { isSource, nameOf } from '../lib/subject';
import { formatMoment, formatNear, parseTime } from '../lib/time';
import { useAskedSpan, useLocale, useNow, useRange, useZone } from '../lib/view';
import { Panel } from '../widgets/panel';
import { useCause } from './cause';
import css from './grid.module.css';
import { trendLink } from './links';
import { OFTEN_MS, useDefaultRange } from './questions';

const SHOWN = 12;

export function RecentAnomalies({ asset }: { asset?: string }) {
  const { t } = useTranslation();
  const [range] = useRange(useDefaultRange());
  const span = useAskedSpan(range);
  const asked = useListAnomaliesQuery({ ...(asset ? { asset } : {}), ...span, limit: SHOWN }, { pollingInterval: OFTEN_MS });
  const anomalies = asked.data?.anomalies ?? [];
  const empty = anomalies.length === 0 ? { title: t('anomalies.empty'), hint: t('anomalies.empty_hint') } : null;
  return (
    <Panel title={asset ? t('anomalies.title_asset') : t('anomalies.title')} asked={asked} empty={empty} height={180}>
      <ol className={css.list} data-testid="anomalies">
        {anomalies.map((a) => (
          <Item key={a.id} anomaly={a} named={asset === undefined} />
        ))}
      </ol>
    </Panel>
  );
}

function Item({ anomaly, named }: { anomaly: Anomaly; named: boolean }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const now = useNow(60e3);
  const at = parseTime(anomaly.time);
  const what = nameOf(anomaly);
  const why = useCause()(anomaly);
  return (
    <li className={css.item}>
      <time className="number secondary" dateTime={anomaly.time} title={formatMoment(at, zone, locale)}>
        {formatNear(at, now, zone, locale)}
      </time>
      <span>
        {named && !isSource(anomaly) && <strong>{anomaly.asset} </strong>}
        {why}
      </span>
      {!isSource(anomaly) && (
        <Link to={trendLink(anomaly.asset, anomaly.signal, at, zone)} aria-label={t('alarm.trend_of', { what })}>
          {t('alarm.trend')}
        </Link>
      )}
    </li>
  );
}
