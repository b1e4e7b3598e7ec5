// One asset at a glance: marks, state, its signals between their limits, and how far its data can be trusted.
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Alarm, Asset, Signal } from '../api/api';
import { decimalsFor, formatShare, wordsOf } from '../lib/format';
import { indicatorOf, spanOfSignal } from '../lib/indicator';
import { useSeen } from '../lib/seen';
import { useLocale, useSearchToKeep } from '../lib/view';
import { AlarmMark } from '../widgets/alarm_mark';
import { Indicator } from '../widgets/indicator';
import { LiveNumber } from '../widgets/live_number';
import { Sparkline } from '../widgets/sparkline';
import css from './asset_tile.module.css';
import { bySignal, usePast } from './questions';

const ROWS = 6;
const AROUND_ROWS = 63; // px of head and foot

interface Props {
  asset: Asset;
  signals: Signal[];
  alarms: Alarm[];
}

/** Out of sight it is a name with room around it: hundreds of whole tiles would take seconds to draw. */
export const AssetTile = memo(function AssetTile(props: Props) {
  const { asset, signals } = props;
  const [element, seen] = useSeen<HTMLElement>();
  return (
    <article ref={element} className={css.tile} aria-label={asset.asset} data-testid={`tile:${asset.asset}`}>
      {seen ? <Whole {...props} /> : <div style={{ height: AROUND_ROWS + 30 * Math.min(ROWS, signals.length) }}>{asset.asset}</div>}
    </article>
  );
});

function Whole({ asset, signals, alarms }: Props) {
  const { t } = useTranslation();
  const search = useSearchToKeep();
  const quiet = asset.state === 'silent' || asset.state === 'stopped';
  return (
    <>
      <header className={css.head}>
        <Link to={`/asset/${encodeURIComponent(asset.asset)}${search}`}>{asset.asset}</Link>
        <span className={`${css.state} ${quiet ? css.quiet : 'secondary'}`}>{t(`state.${asset.state}`)}</span>
        <OpenMarks alarms={alarms.filter((a) => a.asset === asset.asset)} />
      </header>
      <SignalRows asset={asset} signals={signals} worst={bySignal(alarms, asset.asset)} />
      <GoodShare asset={asset} />
    </>
  );
}

function SignalRows({ asset, signals, worst }: { asset: Asset; signals: Signal[]; worst: Map<string, Alarm> }) {
  const { t } = useTranslation();
  usePast(asset.asset, asset.last_time);
  const sorted = signals.toSorted((a, b) => Number(worst.has(b.signal)) - Number(worst.has(a.signal)));
  const hidden = sorted.length - ROWS;
  return (
    <div>
      {sorted.slice(0, ROWS).map((s) => (
        <SignalRow key={s.signal} signal={s} alarm={worst.get(s.signal)} />
      ))}
      {signals.length === 0 && <p className="secondary">{t('tile.nothing_yet')}</p>}
      {hidden > 0 && <p className="secondary">{t('tile.more_signals', { count: hidden })}</p>}
    </div>
  );
}

function OpenMarks({ alarms }: { alarms: Alarm[] }) {
  const { t } = useTranslation();
  return (
    <span className={css.marks}>
      {([1, 2, 3, 4] as const).map((priority) => {
        const these = alarms.filter((a) => a.priority === priority);
        if (these.length === 0) return null;
        const mark = t('alarm.mark', { priority, word: t(`priority.${priority}`) });
        return (
          <span key={priority} title={t('alarm.marks', { count: these.length, mark })}>
            <AlarmMark priority={priority} unacknowledged={these.some((a) => a.state === 'raised')} />
            {these.length > 1 && `× ${these.length}`}
          </span>
        );
      })}
    </span>
  );
}

function SignalRow({ signal, alarm }: { signal: Signal; alarm?: Alarm }) {
  const { asset, signal: name, unit, latest } = signal;
  const geometry = indicatorOf(signal);
  return (
    <div className={css.row}>
      <span className={css.name} title={signal.description ?? undefined}>
        {alarm && <AlarmMark priority={alarm.priority} unacknowledged={alarm.state === 'raised'} size={18} />}
        <span>{wordsOf(name)}</span>
      </span>
      {geometry ? <Indicator asset={asset} signal={name} geometry={geometry} alarm={alarm?.priority} /> : <span />}
      <span className={css.value}>
        <LiveNumber asset={asset} signal={name} unit={unit} decimals={decimalsFor(spanOfSignal(signal))} start={latest?.value ?? null} />
      </span>
      <Sparkline asset={asset} signal={name} />
    </div>
  );
}

function GoodShare({ asset }: { asset: Asset }) {
  const { t } = useTranslation();
  const locale = useLocale();
  return (
    <footer className={css.foot}>
      <span className={css.share} title={t('tile.good_data_hint')}>
        {t('tile.good_data')} <span className="number">{formatShare(asset.good_share, locale)}</span>
        <span className={css.strip} aria-hidden>
          <i style={{ width: `${(asset.good_share ?? 0) * 100}%` }} />
        </span>
      </span>
      <span>{wordsOf(asset.type)}</span>
      {asset.area && <span>{asset.area}</span>}
    </footer>
  );
}
