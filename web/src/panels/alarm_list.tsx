// Alarms as rows: mark, what and why, since when and how long, who has seen it, and what can be done.
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Alarm } from '../api/api';
import { formatAge, formatDuration, formatShort, unitSign, wordsOf } from '../lib/format';
import { isSource, nameOf } from '../lib/subject';
import { formatMoment, formatNear, parseTime } from '../lib/time';
import { useLocale, useNow, useZone } from '../lib/view';
import { AlarmMark } from '../widgets/alarm_mark';
import { ExpandIcon, TrendIcon } from '../widgets/icons';
import { AcknowledgeButton } from './acknowledge';
import css from './alarm_list.module.css';
import { Cause } from './cause';
import { trendLink } from './links';

export function AlarmList({ alarms }: { alarms: Alarm[] }) {
  const { t } = useTranslation();
  return (
    <table className={css.list} data-testid="alarms">
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">{t('alarm.priority')}</span>
          </th>
          <th scope="col">{t('alarm.cause')}</th>
          <th scope="col">{t('alarm.since')}</th>
          <th scope="col">{t('alarm.duration')}</th>
          <th scope="col">{t('alarm.count')}</th>
          <th scope="col">{t('alarm.state')}</th>
          <th scope="col">
            <span className="unseen">{t('alarm.details')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {alarms.map((alarm) => (
          <Row key={alarm.id} alarm={alarm} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const now = useNow(1000);
  const [open, setOpen] = useState(false);
  const raised = parseTime(alarm.raised.event);
  const end = alarm.cleared ? parseTime(alarm.cleared.event) : Math.max(now, raised);
  const what = nameOf(alarm);
  return (
    <>
      <tr data-testid={`alarm:${alarm.asset}:${alarm.signal}`} data-state={alarm.state}>
        <td className={css.mark}>
          <AlarmMark priority={alarm.priority} unacknowledged={alarm.state === 'raised'} />
        </td>
        <td className={css.cause}>
          <Cause of={alarm} />
        </td>
        <td className={css.nowrap} title={formatMoment(raised, zone, locale)}>
          {formatNear(raised, now, zone, locale)}
        </td>
        <td className={css.nowrap}>{formatDuration((end - raised) / 1000, locale)}</td>
        <td className={css.nowrap}>{t('alarm.times', { count: alarm.count })}</td>
        <td>
          <StateWords alarm={alarm} />
        </td>
        <td>
          <div className={css.actions}>
            {!alarm.acknowledged && <AcknowledgeButton alarm={alarm} />}
            {!isSource(alarm) && (
              <Button
                component={Link}
                to={trendLink(alarm.asset, alarm.signal, raised, zone)}
                startIcon={<TrendIcon />}
                aria-label={t('alarm.trend_of', { what })}
              >
                {t('alarm.trend')}
              </Button>
            )}
            <IconButton size="small" onClick={() => setOpen(!open)} aria-expanded={open} aria-label={`${t('alarm.details')}: ${what}`}>
              <ExpandIcon sx={open ? { transform: 'rotate(180deg)' } : undefined} />
            </IconButton>
          </div>
        </td>
      </tr>
      {open && <Details alarm={alarm} />}
    </>
  );
}

function StateWords({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const now = useNow(60e3);
  const seen = alarm.acknowledged;
  const by = seen ? t('alarm.acknowledged_by', { name: seen.name, time: formatNear(parseTime(seen.event), now, zone, locale) }) : null;
  if (alarm.state === 'cleared') return <span>{`${t('alarm.cleared')}, ${by ?? t('alarm.never_acknowledged')}`}</span>;
  return by ? <span>{by}</span> : <strong>{t('alarm.not_acknowledged')}</strong>;
}

function Details({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const moment = ({ event, arrival }: { event: string; arrival: string }) => {
    const [at, known] = [parseTime(event), parseTime(arrival)];
    const shown = formatMoment(at, zone, locale);
    return known - at >= 1000 ? t('alarm.event_arrival', { event: shown, later: formatAge((known - at) / 1000, locale) }) : shown;
  };
  const number = (v: number | null) => `${formatShort(v, locale)} ${unitSign(alarm.unit)}`;
  const facts: [label: string, text: string | null][] = [
    [t('alarm.value'), number(alarm.value)],
    [t('alarm.limit'), alarm.limit === null ? null : number(alarm.limit)],
    [t('alarm.rule'), wordsOf(alarm.rule)],
    [t('alarm.raised_at'), moment(alarm.raised)],
    [t('alarm.updated_at'), moment(alarm.updated)],
    [t('alarm.cleared_at'), alarm.cleared && moment(alarm.cleared)],
    [t('alarm.note'), alarm.acknowledged?.note || null],
  ];
  return (
    <tr className={css.details}>
      <td colSpan={7}>
        <dl className={css.facts}>
          {facts
            .filter(([, text]) => text !== null)
            .map(([label, text]) => (
              <div key={label} style={{ display: 'contents' }}>
                <dt>{label}</dt>
                <dd>{text}</dd>
              </div>
            ))}
        </dl>
      </td>
    </tr>
  );
}
