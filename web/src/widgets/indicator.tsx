// Moving analogue indicator: a value is read from where it stands between its limits, faster than from its digits.
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatShort } from '../lib/format';
import { fraction, type Indicator as Geometry } from '../lib/indicator';
import { useLive } from '../lib/live_context';
import { useLocale } from '../lib/view';
import css from './indicator.module.css';

interface Props {
  asset: string;
  signal: string;
  geometry: Geometry;
  /** Priority of the signal's open alarm: its colour goes to the marker. */
  alarm?: number;
}

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

export function Indicator({ asset, signal, geometry, alarm }: Props) {
  const { t } = useTranslation();
  const locale = useLocale();
  const track = useRef<HTMLDivElement>(null);
  const { low, high, normal, limits } = geometry;
  useLive(asset, signal, ({ value }) => {
    const element = track.current;
    if (!element) return;
    element.style.visibility = value === null ? 'hidden' : 'visible';
    if (value !== null) element.style.transform = `translateX(${percent(fraction(value, low, high))})`;
  });
  const words = [
    t('indicator.scale', { low: formatShort(low, locale), high: formatShort(high, locale) }),
    ...limits.map((l) => t(l.side === 'high' ? 'indicator.limit_high' : 'indicator.limit_low', { value: formatShort(l.value, locale) })),
  ].join(', ');
  return (
    <div className={css.bar} title={words}>
      {normal && <div className={css.normal} style={{ left: percent(normal[0]), width: percent(normal[1] - normal[0]) }} />}
      {limits.map((l) => (
        <div key={`${l.side}${l.value}`} className={css.limit} style={{ left: percent(l.at) }} />
      ))}
      <div className={css.rail}>
        <div ref={track} className={css.track}>
          <div className={`${css.marker} ${alarm ? css.abnormal : ''}`} style={alarm ? { background: `var(--p${alarm})` } : undefined} />
        </div>
      </div>
    </div>
  );
}
