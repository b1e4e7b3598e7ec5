// The newest value of a signal as digits, written straight to the page once per frame. A doubtful one says so.
import { useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatValue, unitSign } from '../lib/format';
import { LiveContext, useLive } from '../lib/live_context';
import { useLocale } from '../lib/view';

interface Props {
  asset: string;
  signal: string;
  decimals: number;
  unit: string | null;
  /** Shown until the first live value comes. */
  start: number | null;
}

export function LiveNumber({ asset, signal, decimals, unit, start }: Props) {
  const { t } = useTranslation();
  const locale = useLocale();
  const digits = useRef<HTMLSpanElement>(null);
  const doubt = useRef<HTMLSpanElement>(null);
  const values = useContext(LiveContext);
  useLive(asset, signal, (sample) => {
    const { value, quality } = sample;
    const text = formatValue(value, decimals, locale);
    if (digits.current && digits.current.textContent !== text) digits.current.textContent = text;
    const word = quality === 0 ? '' : quality === 1 ? t('quality.uncertain') : t('quality.bad');
    if (!doubt.current || doubt.current.textContent === word) return;
    doubt.current.textContent = word;
    doubt.current.title = values
      .reasons(sample)
      .map((name) => t(`flag.${name as 'range'}`, { defaultValue: name }))
      .join(', ');
  });
  return (
    <span className="number" style={{ color: 'var(--live)', fontWeight: 600, whiteSpace: 'nowrap' }}>
      <span ref={digits} data-testid={`value:${asset}:${signal}`}>
        {formatValue(start, decimals, locale)}
      </span>
      {unitSign(unit) && <span className="secondary" style={{ fontWeight: 400 }}>{` ${unitSign(unit)}`}</span>}
      <span ref={doubt} style={{ color: 'var(--text)', fontWeight: 400, fontStyle: 'italic', marginLeft: 6 }} />
    </span>
  );
}
