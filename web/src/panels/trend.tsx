// The chosen signals over time: a lane each, one time axis, with limits, anomalies and what is missing left missing.
import Button from '@mui/material/Button';
import { useContext, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGetSeriesQuery, useListAnomaliesQuery, useListGapsQuery, type Anomaly, type Gap, type Series, type Signal } from '../api/api';
import { LiveContext } from '../lib/live_context';
import { around, zoom, type Range } from '../lib/range';
import { decimalsFor, formatCount, formatValue, unitSign, wordsOf } from '../lib/format';
import { spanOfSignal } from '../lib/indicator';
import { missingOf, type Missing } from '../lib/missing';
import { drawn, type Drawn } from '../lib/series';
import { formatMoment, parseTime, toRfc3339 } from '../lib/time';
import { useAskedSpan, useLocale, useNow, useWindow, useZone } from '../lib/view';
import { EmptyWords, Panel } from '../widgets/panel';
import { TrendChart } from '../widgets/trend_chart';
import grid from './grid.module.css';
import { OFTEN_MS, SELDOM_MS } from './questions';
import css from './trend.module.css';

const BUCKETS = 800;
const REDRAW_MS = 500;
const MOST_LOST = 5; // sentences
const NONE: Gap[] = [];

interface Props {
  asset: string;
  signals: Signal[]; // the chosen ones
  range: Range;
  onRange: (range: Range) => void;
}

export function Trend({ asset, signals, range, onRange }: Props) {
  const { t } = useTranslation();
  const [as_table, setAsTable] = useState(false);
  const view = useWindow(range);
  const asked_span = useAskedSpan(range);
  const often = view.live ? { pollingInterval: OFTEN_MS } : {};
  const asked = useGetSeriesQuery(
    { asset, signal: signals.map((s) => s.signal), ...asked_span, max: BUCKETS },
    { skip: signals.length === 0, ...often },
  );
  const { data: found } = useListAnomaliesQuery({ asset, ...asked_span, limit: 1000 }, often);
  const { data: lost } = useListGapsQuery({ limit: 1000 }, { pollingInterval: SELDOM_MS });
  const gaps = lost?.gaps ?? NONE;
  const missing = useMemo(() => missingOf(gaps, asset, null, view.from, view.to), [gaps, asset, view.from, view.to]);
  const actions = (
    <Button variant="outlined" onClick={() => setAsTable(!as_table)} aria-pressed={as_table}>
      {as_table ? t('trend.chart') : t('trend.table')}
    </Button>
  );
  const still = { data: {}, isLoading: false, refetch: () => undefined };
  return (
    <Panel title={t('trend.title')} actions={actions} asked={signals.length === 0 ? still : asked} height={260}>
      {signals.length === 0 && <p className="secondary">{t('trend.pick')}</p>}
      {missing.length > 0 && <Lost missing={missing} />}
      <div className={css.lanes}>
        {signals.map((signal) => (
          <Lane
            key={signal.signal}
            signal={signal}
            series={asked.data?.series.find((s) => s.signal === signal.signal && s.asset === asset)}
            anomalies={found?.anomalies ?? []}
            gaps={gaps}
            view={view}
            range={range}
            onRange={onRange}
            as_table={as_table}
            height={signals.length === 1 ? 320 : 200}
          />
        ))}
      </div>
    </Panel>
  );
}

/** What of the shown time is missing because it was lost: for eyes that see no band, and where there is no chart. */
function Lost({ missing }: { missing: Missing[] }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  return (
    <section className={css.lost} aria-label={t('trend.lost_title')} data-testid="lost">
      <strong>{t('trend.lost_title')}</strong>
      <ul>
        {missing.slice(0, MOST_LOST).map((m) => (
          <li key={`${m.from}${m.to}${m.reason}`}>
            {t('trend.lost_span', { from: formatMoment(m.from, zone, locale), to: formatMoment(m.to, zone, locale), reason: m.reason })}
            {m.readings > 0 && `, ${t('trend.lost_count', { count: m.readings })}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LaneProps {
  signal: Signal;
  series?: Series;
  anomalies: Anomaly[];
  gaps: Gap[];
  view: { from: number; to: number; live: boolean };
  range: Range;
  onRange: (range: Range) => void;
  as_table: boolean;
  height: number;
}

function Lane({ signal, series, anomalies, gaps, view, range, onRange, as_table, height }: LaneProps) {
  const values = useContext(LiveContext);
  const locale = useLocale();
  const [zone] = useZone();
  const tick = useNow(REDRAW_MS);
  const { asset, signal: name, unit } = signal;
  const decimals = decimalsFor(spanOfSignal(signal));
  const line = useMemo(() => {
    const empty = { bucket_ms: 0, time: [], min: [], max: [], last: [], quality: [] };
    return drawn(series ?? empty, view.live ? values.ring(asset, name) : undefined);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the ring changes without React: the tick looks again
  }, [series, values, asset, name, view.live, view.live ? tick : 0]);
  const marks = useMemo(
    () => ({
      limits: signal.limits,
      normal: signal.normal,
      anomalies: anomalies.filter((a) => a.signal === name).map((a) => ({ time: parseTime(a.time), value: a.value })),
      lost: missingOf(gaps, asset, name, view.from, view.to),
    }),
    [signal, anomalies, gaps, asset, name, view.from, view.to],
  );
  if (!line.time.some((time) => time >= view.from && time <= view.to)) return <NothingHere signal={signal} onRange={onRange} />;
  return (
    <div data-testid={`trend:${name}`} data-anomalies={marks.anomalies.length} data-lost={marks.lost.length}>
      {as_table ? (
        <Table line={line} signal={signal} decimals={decimals} view={view} />
      ) : (
        <TrendChart
          name={wordsOf(name)}
          {...{ unit, decimals, zone, locale, height }}
          drawn={line}
          from={view.from}
          to={view.to}
          around={marks}
          onZoom={(from, to) => onRange({ kind: 'fixed', from, to })}
          onZoomOut={() => onRange(zoom(range, Date.now(), 2))}
        />
      )}
      <CsvLink signal={signal} view={view} />
    </div>
  );
}

function CsvLink({ signal, view }: { signal: Signal; view: { from: number; to: number } }) {
  const { t } = useTranslation();
  const query = new URLSearchParams({
    asset: signal.asset,
    signal: signal.signal,
    from: toRfc3339(view.from),
    to: toRfc3339(view.to),
    max: '10000',
    format: 'csv',
  });
  return (
    <p className={css.links}>
      <a
        href={`/api/v1/series?${query}`}
        download={`${signal.asset}_${signal.signal}.csv`}
        aria-label={t('trend.csv_of', { signal: wordsOf(signal.signal) })}
      >
        {t('trend.csv')}
      </a>
    </p>
  );
}

function NothingHere({ signal, onRange }: { signal: Signal; onRange: (range: Range) => void }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const newest = signal.latest ? parseTime(signal.latest.time) : null;
  return (
    <div className={css.empty}>
      <h3>{wordsOf(signal.signal)}</h3>
      <EmptyWords
        title={t('trend.empty')}
        hint={newest === null ? t('trend.none_hint') : t('trend.empty_hint', { time: formatMoment(newest, zone, locale) })}
        action={
          newest === null ? null : (
            <Button variant="outlined" onClick={() => onRange(around(newest))}>
              {t('trend.go_newest')}
            </Button>
          )
        }
      />
    </div>
  );
}

/** ".250", or nothing on the full second. */
function fractionOf(time: number): string {
  const ms = Math.round(time % 1000);
  return ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`;
}

/** The same numbers to read: newest first, at most 500 rows. */
function Table({ line, signal, decimals, view }: { line: Drawn; signal: Signal; decimals: number; view: { from: number; to: number } }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  const rows = line.time
    .map((time, k) => ({ time, k }))
    .filter(({ time, k }) => time >= view.from && time <= view.to && line.last[k] !== null);
  const value = (v: number | null | undefined) => formatValue(v, decimals, locale);
  return (
    <div className={`${grid.table} ${css.table}`} tabIndex={0} role="group" aria-label={wordsOf(signal.signal)}>
      <table>
        <caption style={{ textAlign: 'left', fontWeight: 650 }}>
          {wordsOf(signal.signal)} <span className="secondary">{`${formatCount(rows.length, locale)} ${t('trend.readings')}`}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('trend.time')}</th>
            <th scope="col">{t('statistics.min')}</th>
            <th scope="col">{t('statistics.max')}</th>
            <th scope="col">{`${t('signals.value')} ${unitSign(signal.unit)}`}</th>
          </tr>
        </thead>
        <tbody>
          {rows
            .slice(-500)
            .reverse()
            .map(({ time, k }) => (
              <tr key={time}>
                <td>{formatMoment(time, zone, locale) + fractionOf(time)}</td>
                <td>{value(line.min[k])}</td>
                <td>{value(line.max[k])}</td>
                <td>{value(line.last[k])}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
