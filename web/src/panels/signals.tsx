// The signals of an asset: newest value beside its normal range; the box draws it in the trend.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alarm, Signal } from '../api/api';
import { decimalsFor, formatShort, wordsOf } from '../lib/format';
import { indicatorOf, spanOfSignal } from '../lib/indicator';
import { useLocale } from '../lib/view';
import { AlarmMark } from '../widgets/alarm_mark';
import { Indicator } from '../widgets/indicator';
import { LiveNumber } from '../widgets/live_number';
import { Panel, type Asked } from '../widgets/panel';
import { Sparkline } from '../widgets/sparkline';
import css from './signals.module.css';

interface Props {
  asked: Asked;
  signals: Signal[];
  worst: Map<string, Alarm>;
  picked: string[];
  onPick: (signals: string[]) => void;
}

export function Signals({ asked, signals, worst, picked, onPick }: Props) {
  const { t } = useTranslation();
  const empty = signals.length === 0 ? { title: t('signals.empty'), hint: t('signals.empty_hint') } : null;
  const toggle = (name: string) => onPick(picked.includes(name) ? picked.filter((p) => p !== name) : [...picked, name]);
  return (
    <Panel title={t('signals.title')} asked={asked} empty={empty} height={320}>
      <ul data-testid="signals">
        {signals.map((s) => (
          <Row key={s.signal} signal={s} alarm={worst.get(s.signal)} picked={picked.includes(s.signal)} onToggle={() => toggle(s.signal)} />
        ))}
      </ul>
    </Panel>
  );
}

interface RowProps {
  signal: Signal;
  alarm?: Alarm;
  picked: boolean;
  onToggle: () => void;
}

function Row({ signal, alarm, picked, onToggle }: RowProps) {
  const { t } = useTranslation();
  const id = useId();
  const { asset, signal: name, unit, latest } = signal;
  const geometry = indicatorOf(signal);
  return (
    <li className={css.row} title={signal.description ?? undefined}>
      <input id={id} type="checkbox" checked={picked} onChange={onToggle} aria-label={t('signals.show', { signal: wordsOf(name) })} />
      <span className={css.name}>
        {alarm && <AlarmMark priority={alarm.priority} unacknowledged={alarm.state === 'raised'} size={20} />}
        <label htmlFor={id}>{wordsOf(name)}</label>
      </span>
      {geometry ? <Indicator asset={asset} signal={name} geometry={geometry} alarm={alarm?.priority} /> : <span />}
      <span className={css.value}>
        <LiveNumber asset={asset} signal={name} unit={unit} decimals={decimalsFor(spanOfSignal(signal))} start={latest?.value ?? null} />
      </span>
      <span className={css.normal}>
        <NormalWords signal={signal} />
        <Sparkline asset={asset} signal={name} />
      </span>
    </li>
  );
}

/** "normal 2 to 3, learned, limit above 6". */
function NormalWords({ signal: { normal, limits } }: { signal: Signal }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const short = (v: number | null) => formatShort(v, locale);
  const words: string[] = [];
  if (normal && normal.low !== null && normal.high !== null)
    words.push(t('indicator.normal', { low: short(normal.low), high: short(normal.high) }));
  else if (normal && normal.high !== null) words.push(t('indicator.below', { high: short(normal.high) }));
  else if (normal && normal.low !== null) words.push(t('indicator.above', { low: short(normal.low) }));
  if (normal?.origin === 'learned') words.push(t('indicator.learned'));
  for (const l of limits) words.push(t(l.side === 'high' ? 'indicator.limit_high' : 'indicator.limit_low', { value: short(l.value) }));
  return <span>{words.join(', ')}</span>;
}
