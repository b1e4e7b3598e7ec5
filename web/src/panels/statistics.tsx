// Statistics of an asset's signals over the time range of the screen.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useGetStatisticsQuery, type Statistics as Row } from '../api/api';
import { decimalsFor, formatCount, formatShare, formatValue, unitSign, wordsOf } from '../lib/format';
import { resolve, type Range } from '../lib/range';
import { toRfc3339 } from '../lib/time';
import { useLocale, useNow } from '../lib/view';
import { Panel } from '../widgets/panel';
import css from './grid.module.css';

const STEP_MS = 10e3;

export function Statistics({ asset, range }: { asset: string; range: Range }) {
  const { t } = useTranslation();
  const now = useNow(STEP_MS);
  const span = useMemo(() => {
    const { from, to } = resolve(range, Math.ceil(now / STEP_MS) * STEP_MS);
    return { from: toRfc3339(from), ...(range.kind === 'fixed' ? { to: toRfc3339(to) } : {}) };
  }, [range, now]);
  const asked = useGetStatisticsQuery({ asset, ...span });
  const rows = (asked.data?.statistics ?? []).filter((r) => r.count > 0);
  const empty = rows.length === 0 ? { title: t('statistics.empty'), hint: t('statistics.empty_hint') } : null;
  const heads = ['count', 'good', 'min', 'mean', 'max', 'deviation', 'anomalies'] as const;
  return (
    <Panel title={t('statistics.title')} asked={asked} empty={empty} height={220}>
      <div className={css.table} tabIndex={0} role="group" aria-label={t('statistics.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('statistics.signal')}</th>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {t(`statistics.${head}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <StatisticsRow key={row.signal} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function StatisticsRow({ row }: { row: Row }) {
  const locale = useLocale();
  const spread = (row.max ?? 0) - (row.min ?? 0);
  const value = (v: number | null) => formatValue(v, decimalsFor(Math.max(spread, Math.abs(row.mean ?? 0) / 10)), locale);
  return (
    <tr>
      <td>
        {wordsOf(row.signal)} <span className="secondary">{unitSign(row.unit)}</span>
      </td>
      <td>{formatCount(row.count, locale)}</td>
      <td>{formatShare(row.good_share, locale)}</td>
      <td>{value(row.min)}</td>
      <td>{value(row.mean)}</td>
      <td>{value(row.max)}</td>
      <td>{formatValue(row.deviation, decimalsFor(row.deviation ?? 0), locale)}</td>
      <td>{formatCount(row.anomalies, locale)}</td>
    </tr>
  );
}
