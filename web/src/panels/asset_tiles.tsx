// All assets, worst first.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useListAssetsQuery, useListSignalsQuery, type Signal } from '../api/api';
import { worstFirst } from '../lib/order';
import { Content } from '../widgets/panel';
import { AssetTile } from './asset_tile';
import { ConnectButton } from './connect_dialog';
import { OFTEN_MS, SELDOM_MS, useOpenAlarms } from './questions';
import css from './grid.module.css';

const NONE: Signal[] = [];

function byAsset(signals: readonly Signal[]): Map<string, Signal[]> {
  const groups = new Map<string, Signal[]>();
  for (const s of signals) groups.set(s.asset, [...(groups.get(s.asset) ?? []), s]);
  return groups;
}

export function AssetTiles() {
  const { t } = useTranslation();
  const asked = useListAssetsQuery(undefined, { pollingInterval: OFTEN_MS });
  const signals = useListSignalsQuery({}, { pollingInterval: SELDOM_MS });
  const { alarms } = useOpenAlarms();
  const assets = useMemo(() => worstFirst(asked.data?.assets ?? []), [asked.data]);
  const perAsset = useMemo(() => byAsset(signals.data?.signals ?? []), [signals.data]);
  const empty = assets.length === 0 ? { title: t('overview.empty'), hint: t('overview.empty_hint'), action: <ConnectButton /> } : null;
  return (
    <Content title={t('nav.assets')} asked={asked} empty={empty} height={480}>
      <div className={css.tiles}>
        {assets.map((asset) => (
          <AssetTile key={asset.asset} asset={asset} signals={perAsset.get(asset.asset) ?? NONE} alarms={alarms} />
        ))}
      </div>
    </Content>
  );
}
