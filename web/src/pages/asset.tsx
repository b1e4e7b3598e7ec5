// Level 2: one machine, its values now and over time.
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useGetAssetQuery, useListAssetsQuery, useListSignalsQuery, type Alarm, type Asset as AssetFacts, type Signal } from '../api/api';
import { formatShare, wordsOf } from '../lib/format';
import { useLocale, useRange, useSearchToKeep } from '../lib/view';
import { RecentAnomalies } from '../panels/anomalies';
import grid from '../panels/grid.module.css';
import { OFTEN_MS, bySignal, useDefaultRange, useOpenAlarms, usePast } from '../panels/questions';
import { Signals } from '../panels/signals';
import { Statistics } from '../panels/statistics';
import { Trend } from '../panels/trend';
import { EmptyWords } from '../widgets/panel';
import css from './page.module.css';

export default function Asset() {
  const { t } = useTranslation();
  const { asset: name = '' } = useParams();
  const asset = useGetAssetQuery({ asset: name }, { pollingInterval: OFTEN_MS });
  useEffect(() => void (document.title = `${name} · Telltale`), [name]);
  if (asset.data === undefined && (asset.error as { status?: unknown } | undefined)?.status === 404) {
    return (
      <div className={css.page}>
        <EmptyWords
          title={t('asset.not_found', { asset: name })}
          hint={t('asset.not_found_hint')}
          action={<Link to="/">{t('asset.to_overview')}</Link>}
        />
      </div>
    );
  }
  return <Known key={name} name={name} facts={asset.currentData} />;
}

function Known({ name, facts }: { name: string; facts?: AssetFacts }) {
  const { alarms } = useOpenAlarms();
  const worst = useMemo(() => bySignal(alarms, name), [alarms, name]);
  const asked = useListSignalsQuery({ asset: name }, { pollingInterval: OFTEN_MS });
  const signals = useMemo(() => asked.data?.signals ?? [], [asked.data]);
  const [picked, pick] = usePicked(signals, worst);
  const [range, setRange] = useRange(useDefaultRange());
  const chosen = signals.filter((s) => picked.includes(s.signal));
  return (
    <div className={css.page}>
      <Head name={name} facts={facts} />
      {facts && <Past asset={facts} />}
      <div className={grid.asset}>
        <div className={grid.column}>
          <Signals asked={asked} signals={signals} worst={worst} picked={picked} onPick={pick} />
          <RecentAnomalies asset={name} />
        </div>
        <div className={grid.column}>
          <Trend asset={name} signals={chosen} range={range} onRange={setRange} />
          <Statistics asset={name} range={range} />
        </div>
      </div>
    </div>
  );
}

function Past({ asset }: { asset: AssetFacts }) {
  usePast(asset.asset, asset.last_time);
  return null;
}

/** The drawn signals: those of the address, else the alarmed ones, else the first. */
function usePicked(signals: Signal[], worst: Map<string, Alarm>): [string[], (signals: string[]) => void] {
  const [query, setQuery] = useSearchParams();
  const named = query.getAll('signal');
  const alarmed = signals.map((s) => s.signal).filter((s) => worst.has(s));
  const first = signals.slice(0, 1).map((s) => s.signal);
  const picked = query.has('signal') ? named : alarmed.length > 0 ? alarmed : first;
  const pick = (next: string[]) =>
    setQuery(
      (old) => {
        const changed = new URLSearchParams(old);
        changed.delete('signal');
        for (const s of next.length > 0 ? next : ['']) changed.append('signal', s);
        return changed;
      },
      { replace: true },
    );
  return [picked, pick];
}

function Head({ name, facts }: { name: string; facts?: AssetFacts }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const search = useSearchToKeep();
  const navigate = useNavigate();
  const { data } = useListAssetsQuery();
  const names = new Set([name, ...(data?.assets ?? []).map((a) => a.asset)]);
  return (
    <header className={css.head}>
      <h1 className="unseen">{name}</h1>
      <TextField
        select
        label={t('asset.choose')}
        value={name}
        onChange={(e) => void navigate(`/asset/${encodeURIComponent(e.target.value)}${search}`)}
        sx={{ minWidth: 180 }}
      >
        {[...names].sort().map((n) => (
          <MenuItem key={n} value={n}>
            {n}
          </MenuItem>
        ))}
      </TextField>
      {facts && (
        <p>
          <strong>{t(`state.${facts.state}`)}</strong>
          <span className="secondary">{` · ${wordsOf(facts.type)}${facts.area ? ` · ${facts.area}` : ''} · ${t('tile.good_data')} ${formatShare(facts.good_share, locale)}`}</span>
        </p>
      )}
    </header>
  );
}
